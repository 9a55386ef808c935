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
    pub(super) fn look_at(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if let Some(after) = bytes.get(self.rest..) {
                self.rest = 0;
                bytes = after;
            } else {
                self.rest -= bytes.len();
                return;
            }
            bytes = match bytes.first_chunk::<HEADER>() {
                // Mostly all of the header is there.
                Some(header @ [kind, ..]) if self.known == 0 && *kind != b'K' => {
                    self.message(header);
                    &bytes[HEADER..]
                }
                _ => self.piece(bytes),
            };
        }
    }

    fn message(&mut self, header: &[u8; HEADER]) {
        let [kind, length @ ..] = header;
        // The length counts itself.
        self.rest = (u32::from_be_bytes(*length) as usize).saturating_sub(4);
        if *kind == b'S' {
            self.seen.note_change();
        }
    }

    /// Adds a byte to the beginning of a message that comes in pieces.
    fn piece<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let Some((first, bytes)) = bytes.split_first() else { return bytes };
        self.head[self.known] = *first;
        self.known += 1;
        let wanted = if self.head[0] == b'K' { HEAD } else { HEADER };
        if self.known == wanted {
            let [header @ .., a, b, c, d] = self.head;
            self.message(&header);
            if header[0] == b'K' {
                self.rest = self.rest.saturating_sub(4);
                self.seen.note_process(i32::from_be_bytes([a, b, c, d]));
            }
            self.known = 0;
        }
        bytes
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
