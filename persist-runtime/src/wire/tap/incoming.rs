//! What the server sends, of which some kinds of messages are looked at.

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

/// Type and length, and at most so much of what follows them: of a key the number of the process.
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
            next = if self.known == 0 { self.whole(bytes, next) } else { next };
            if let Some(byte) = bytes.get(next) {
                next += 1 + self.piece(*byte);
            }
        }
        self.rest = next - bytes.len();
    }

    /// Goes from message to message, up to one of which too little is here.
    fn whole(&self, bytes: &[u8], start: usize) -> usize {
        let mut next = start;
        while let Some((header, after)) = bytes.get(next..).and_then(<[u8]>::split_first_chunk) {
            if !self.message(header, after) {
                break;
            }
            next += HEADER + length(header);
        }
        next
    }

    /// Takes a message, of which at least the header is here, and maybe more than itself. Is as much of it here as is
    /// wanted?
    #[inline]
    fn message(&self, header: &[u8; HEADER], after: &[u8]) -> bool {
        match (header[0], after) {
            (b'S', _) => self.seen.note_change(),
            (b'Z', [status, ..]) => self.seen.note_status(*status),
            (b'C', [b'C', b'O', b'M', ..]) if length(header) == b"COMMIT\0".len() => self.seen.note_end(true),
            (b'C', [b'R', b'O', b'L', ..]) if length(header) == b"ROLLBACK\0".len() => {
                self.seen.note_end(false)
            }
            (b'K', [a, b, c, d, ..]) => self.seen.note_process(i32::from_be_bytes([*a, *b, *c, *d])),
            (b'Z' | b'K', _) => return after.len() >= length(header),
            (b'C', [] | [_] | [_, _]) => return after.len() >= length(header),
            _ => {}
        }
        true
    }

    /// Adds a byte to the beginning of a message that comes in pieces; answers how many of it come after that.
    fn piece(&mut self, byte: u8) -> usize {
        self.head[self.known] = byte;
        self.known += 1;
        match self.head[..self.known].split_first_chunk() {
            Some((header, body)) if self.message(header, body) => {
                self.known = 0;
                length(header) - body.len()
            }
            _ => 0,
        }
    }
}

/// The length of what follows the header; the length in the header counts itself.
fn length(header: &[u8; HEADER]) -> usize {
    let [_, length @ ..] = header;
    (u32::from_be_bytes(*length) as usize).saturating_sub(4)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Incoming, Seen};
    use crate::wire::tap::Ended;

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

    #[test]
    fn what_commit_was_answered_is_found_however_the_bytes_come() {
        let begun = b"C\0\0\0\x0aBEGIN\0Z\0\0\0\x05T";
        let committed = b"C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";
        let rolled_back = b"C\0\0\0\x0dROLLBACK\0Z\0\0\0\x05I";
        let others =
            b"D\0\0\0\x0bCOMMIT\0C\0\0\0\x0bCOPY 1\0C\0\0\0\x0cCOMMENT\0C\0\0\0\x07DO\0C\0\0\0\x0dSELECT 1\0C\0\0\0\x05\0";
        let cases: [(&[&[u8]], Option<Ended>); 5] = [
            (&[begun, committed], Some(Ended::Committed)),
            (&[begun, rolled_back], Some(Ended::RolledBack)),
            (&[committed], Some(Ended::NotBegun)),
            (&[begun, committed, begun, others], Some(Ended::Committed)),
            (&[others], None),
        ];
        let seen = Arc::<Seen>::default();
        let mut incoming = Incoming::new(seen.clone());
        for step in 1..60 {
            for (messages, ended) in cases {
                messages.concat().chunks(step).for_each(|bytes| incoming.look_at(bytes));
                assert_eq!(seen.take_end(), ended, "{messages:?} in steps of {step}");
                assert_eq!(seen.take_end(), None);
                rolled_back.chunks(step).for_each(|bytes| incoming.look_at(bytes));
                seen.take_end();
            }
        }
    }
}
