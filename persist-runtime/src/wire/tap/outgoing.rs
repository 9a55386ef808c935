//! What the driver sends, as it is sent on.

use std::fmt::Write as _;
use std::io;

use crate::value::random;

/// Messages on their way to the server.
pub(super) struct Outgoing {
    /// Comes before each name of a statement.
    prefix: String,
    /// What is added to the first message, until that is sent.
    parameters: Option<Vec<(String, String)>>,
    /// The bytes of the current message that are still to come.
    rest: usize,
    waiting: Vec<u8>,
    /// How much of that is written.
    written: usize,
}

/// So much is taken before some of it is written.
const MOST_WAITING: usize = 256 * 1024;

/// So much memory is kept for what comes next.
const MOST_KEPT: usize = 16 * 1024;

/// Type and length.
const HEADER: usize = 5;

impl Outgoing {
    pub(super) fn new(parameters: Vec<(String, String)>) -> Outgoing {
        let mut prefix = String::from("persist_");
        for byte in &random::bytes()[..8] {
            let _infallible = write!(prefix, "{byte:02x}");
        }
        prefix.push('_');
        Outgoing { prefix, parameters: Some(parameters), rest: 0, waiting: Vec::new(), written: 0 }
    }

    pub(super) fn waiting(&self) -> &[u8] {
        &self.waiting[self.written..]
    }

    pub(super) fn written(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written == self.waiting.len() {
            self.written = 0;
            self.waiting.clear();
            self.waiting.shrink_to(MOST_KEPT);
        }
    }

    /// Takes messages; answers how many bytes of them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut left = bytes;
        if let Some(parameters) = self.parameters.take() {
            left = self.take_startup(left, &parameters)?;
        }
        while !left.is_empty() && self.waiting.len() < MOST_WAITING {
            if self.rest == 0 {
                left = self.take_header(left)?;
            }
            let (now, later) = left.split_at(self.rest.min(left.len()).min(MOST_WAITING));
            self.waiting.extend_from_slice(now);
            self.rest -= now.len();
            left = later;
        }
        Ok(bytes.len() - left.len())
    }

    /// Takes the beginning of a message, up to the name of a statement where there is one.
    fn take_header<'b>(&mut self, bytes: &'b [u8]) -> io::Result<&'b [u8]> {
        let length = length(bytes.get(1..HEADER))?;
        let name = match bytes[0] {
            b'P' => Some(HEADER),
            // The name of the portal comes first.
            b'B' => Some(HEADER + 1 + bytes[HEADER..].iter().position(|byte| *byte == 0).ok_or_else(cut)?),
            // Of a statement, or of a portal.
            b'D' | b'C' if bytes.get(HEADER) == Some(&b'S') => Some(HEADER + 1),
            _ => None,
        };
        // What has no name stays without.
        let name = name.filter(|name| bytes.get(*name).is_none_or(|byte| *byte != 0));
        let (taken, added) = match name {
            Some(name) => (name, &*self.prefix),
            None => (HEADER, ""),
        };
        let (head, left) = bytes.split_at_checked(taken).ok_or_else(cut)?;
        self.waiting.extend_from_slice(&head[..1]);
        let whole =
            u32::try_from(length + added.len()).map_err(|_| io::Error::other("a message is too long"))?;
        self.waiting.extend_from_slice(&whole.to_be_bytes());
        self.waiting.extend_from_slice(&head[HEADER..]);
        self.waiting.extend_from_slice(added.as_bytes());
        self.rest = (length + 1).checked_sub(taken).ok_or_else(cut)?;
        Ok(left)
    }

    /// Its length, its version, names and values, and a zero.
    fn take_startup<'b>(&mut self, bytes: &'b [u8], parameters: &[(String, String)]) -> io::Result<&'b [u8]> {
        let length = length(bytes.get(..4))?;
        let (message, left) = bytes.split_at_checked(length).ok_or_else(cut)?;
        let (given, end) = message.split_at_checked(length.saturating_sub(1)).ok_or_else(cut)?;
        self.waiting.extend_from_slice(given);
        for (name, value) in parameters {
            self.waiting.extend_from_slice(name.as_bytes());
            self.waiting.extend_from_slice(&[0]);
            self.waiting.extend_from_slice(value.as_bytes());
            self.waiting.extend_from_slice(&[0]);
        }
        self.waiting.extend_from_slice(end);
        let whole = self.waiting.len() as u32;
        self.waiting[..4].copy_from_slice(&whole.to_be_bytes());
        Ok(left)
    }
}

fn length(field: Option<&[u8]>) -> io::Result<usize> {
    let field: [u8; 4] = field.and_then(|field| field.try_into().ok()).ok_or_else(cut)?;
    Ok(u32::from_be_bytes(field) as usize)
}

/// The driver hands whole messages on.
fn cut() -> io::Error {
    io::Error::other("a message to the server was cut where it must not be")
}

#[cfg(test)]
mod tests {
    use super::{MOST_WAITING, Outgoing};

    /// A message of the client.
    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind], &(body.len() as u32 + 4).to_be_bytes()[..], body].concat()
    }

    /// After the first message.
    fn outgoing() -> Outgoing {
        let mut outgoing = Outgoing::new(Vec::new());
        outgoing.take(&[0, 0, 0, 9, 0, 3, 0, 0, 0]).expect("a startup message");
        outgoing.written(9);
        outgoing
    }

    #[test]
    fn names_of_statements_are_those_of_one_connection() {
        let named = |name: &str| {
            [
                message(b'P', format!("{name}\0SELECT 1\0\0\0").as_bytes()),
                message(b'D', format!("S{name}\0").as_bytes()),
                message(b'B', format!("p1\0{name}\0rest").as_bytes()),
                message(b'B', format!("\0{name}\0rest").as_bytes()),
                message(b'C', format!("S{name}\0").as_bytes()),
                message(b'D', b"Ps1\0"),
                message(b'C', b"Ps1\0"),
                message(b'E', b"\0\0\0\0\0"),
                message(b'Q', b"DEALLOCATE s1\0"),
                message(b'S', b""),
            ]
            .concat()
        };
        let (mut one, mut other) = (outgoing(), outgoing());
        let (sent, unnamed) = (named("s1"), named(""));
        for outgoing in [&mut one, &mut other] {
            assert_eq!(outgoing.take(&sent).expect("messages"), sent.len());
            let name = format!("{}s1", outgoing.prefix);
            assert_eq!(outgoing.waiting(), named(&name));
        }
        assert_ne!(one.waiting(), other.waiting());
        let mut outgoing = outgoing();
        outgoing.take(&unnamed).expect("messages");
        assert_eq!(outgoing.waiting(), unnamed);
    }

    #[test]
    fn parameters_are_added_when_the_connection_is_opened() {
        let mut outgoing = Outgoing::new(vec![("TimeZone".to_owned(), "UTC".to_owned())]);
        let sent = b"\0\0\0\x11\0\x03\0\0user\0me\0\0";
        assert_eq!(outgoing.take(sent).expect("a startup message"), sent.len());
        assert_eq!(outgoing.waiting(), b"\0\0\0\x1e\0\x03\0\0user\0me\0TimeZone\0UTC\0\0");
    }

    #[test]
    fn long_messages_are_taken_in_parts() {
        let mut outgoing = outgoing();
        let body = [b"\0s7\0".to_vec(), vec![7; 3 * MOST_WAITING]].concat();
        let sent = [message(b'B', &body), message(b'S', b"")].concat();
        let (mut left, mut seen) = (&sent[..], Vec::new());
        while !left.is_empty() {
            let taken = outgoing.take(left).expect("a part");
            left = &left[taken..];
            assert!(outgoing.waiting().len() <= 2 * MOST_WAITING);
            seen.extend_from_slice(outgoing.waiting());
            outgoing.written(outgoing.waiting().len());
        }
        let renamed = [format!("\0{}s7\0", outgoing.prefix).into_bytes(), vec![7; 3 * MOST_WAITING]].concat();
        assert_eq!(seen, [message(b'B', &renamed), message(b'S', b"")].concat());
    }
}
