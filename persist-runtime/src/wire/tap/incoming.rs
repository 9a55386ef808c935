//! What the server sends, of which two kinds of messages are looked at.

use std::sync::Arc;

use super::seen::Seen;

/// Messages on their way from the server.
pub(super) struct Incoming {
    seen: Arc<Seen>,
    /// The beginning of a message whose rest has not arrived.
    head: [u8; HEAD],
    known: usize,
    /// The bytes of the current message that are still to come.
    rest: usize,
}

/// Type, length, and of a key the number of the process.
const HEAD: usize = 9;

/// Type and length.
const HEADER: usize = 5;

impl Incoming {
    pub(super) fn new(seen: Arc<Seen>) -> Incoming {
        Incoming { seen, head: [0; HEAD], known: 0, rest: 0 }
    }

    /// Looks at what has arrived.
    pub(super) fn look_at(&mut self, bytes: &[u8]) {
        // Where the next message begins, which may be later than here.
        let mut next = self.rest;
        while next < bytes.len() {
            next = if self.known == 0 { self.skip(bytes, next) } else { next };
            if let Some(byte) = bytes.get(next) {
                next += 1 + self.piece(*byte);
            }
        }
        self.rest = next - bytes.len();
    }

    /// Goes from message to message, up to one that is looked at or of which too little is here.
    fn skip(&self, bytes: &[u8], start: usize) -> usize {
        let mut next = start;
        while let Some([kind, a, b, c, d]) = bytes.get(next..).and_then(<[u8]>::first_chunk) {
            if *kind == b'K' || *kind == b'S' {
                break;
            }
            // The length counts itself.
            next += u32::from_be_bytes([*a, *b, *c, *d]) as usize + 1;
        }
        next
    }

    /// Adds a byte to the beginning of a message that comes in pieces; answers how many come after it.
    fn piece(&mut self, byte: u8) -> usize {
        self.head[self.known] = byte;
        self.known += 1;
        let wanted = if self.head[0] == b'K' { HEAD } else { HEADER };
        if self.known < wanted {
            return 0;
        }
        self.known = 0;
        let [kind, a, b, c, d, number @ ..] = self.head;
        match kind {
            b'K' => self.seen.note_process(i32::from_be_bytes(number)),
            b'S' => self.seen.note_change(),
            _ => {}
        }
        (u32::from_be_bytes([a, b, c, d]) as usize + 1).saturating_sub(wanted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Incoming, Seen};

    #[test]
    fn keys_and_parameters_are_found_however_the_bytes_come() {
        let key = b"R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\x10\x01\x09\x09\x09\x09Z\0\0\0\x05I";
        let row = b"D\0\0\0\x09SSSSSC\0\0\0\x08SET\0Z\0\0\0\x05I";
        let parameter = b"S\0\0\0\x08a\0b\0Z\0\0\0\x05I";
        for step in 1..=key.len() {
            let seen = Arc::<Seen>::default();
            let mut incoming = Incoming::new(seen.clone());
            key.chunks(step).for_each(|bytes| incoming.look_at(bytes));
            row.chunks(step).for_each(|bytes| incoming.look_at(bytes));
            assert_eq!(seen.process(), 0x1001, "in steps of {step}");
            assert!(!seen.take_change(), "in steps of {step}");
            parameter.chunks(step).for_each(|bytes| incoming.look_at(bytes));
            assert!(seen.take_change(), "in steps of {step}");
        }
    }
}
