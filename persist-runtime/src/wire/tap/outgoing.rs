//! What the driver sends, as it is sent on.

use std::io;

use crate::value::random;

/// Messages on their way to the server.
pub(super) struct Outgoing {
    /// Comes before each name of a statement.
    prefix: [u8; PREFIX],
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

/// `persist_0123456789abcdef_`
const PREFIX: usize = 25;

/// Type and length.
const HEADER: usize = 5;

impl Outgoing {
    pub(super) fn new(parameters: Vec<(String, String)>) -> Outgoing {
        let name = format!("persist_{:016x}_", random::number());
        let mut prefix = [0; PREFIX];
        prefix.copy_from_slice(name.as_bytes());
        Outgoing { prefix, parameters: Some(parameters), rest: 0, waiting: Vec::new(), written: 0 }
    }

    /// Is there nothing that waits?
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn waiting(&self) -> &[u8] {
        &self.waiting[self.written..]
    }

    pub(super) fn written(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written == self.waiting.len() {
            self.written = 0;
            self.waiting.clear();
            if self.waiting.capacity() > MOST_KEPT {
                self.waiting = Vec::new();
            }
        }
    }

    /// Takes messages; answers how many bytes of them.
    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let started = match self.parameters.take() {
            Some(parameters) => self.take_startup(bytes, &parameters)?,
            None => 0,
        };
        // What is before the first is taken; the second is where the next message begins, which may be later than here.
        let (mut taken, mut next) = (started, started + self.rest);
        let most = bytes.len().min(MOST_WAITING);
        while next < most {
            let message = &bytes[next..];
            let Some([kind, length @ ..]) = message.first_chunk::<HEADER>() else { return Err(cut()) };
            let length = u32::from_be_bytes(*length);
            // Most messages have no name.
            if matches!(kind, b'B' | b'C' | b'D' | b'P')
                && let Some(name) = name_in(*kind, message)?
            {
                let header = self.waiting.len() + next - taken;
                self.waiting.extend_from_slice(&bytes[taken..next + name]);
                let whole = length.checked_add(PREFIX as u32).ok_or_else(cut)?;
                self.waiting[header + 1..header + HEADER].copy_from_slice(&whole.to_be_bytes());
                self.waiting.extend_from_slice(&self.prefix);
                taken = next + name;
            }
            next += length as usize + 1;
        }
        let end = next.min(bytes.len()).min(taken.max(MOST_WAITING));
        self.waiting.extend_from_slice(&bytes[taken..end]);
        self.rest = next - end;
        Ok(end)
    }

    /// Its length, its version, names and values, and a zero.
    fn take_startup(&mut self, bytes: &[u8], parameters: &[(String, String)]) -> io::Result<usize> {
        let length = u32::from_be_bytes(*bytes.first_chunk().ok_or_else(cut)?) as usize;
        let message = bytes.get(..length).ok_or_else(cut)?;
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
        Ok(length)
    }
}

/// Where the name of a statement is in a message; `None` where there is none, or an empty one.
fn name_in(kind: u8, message: &[u8]) -> io::Result<Option<usize>> {
    let name = match kind {
        b'P' => HEADER,
        // The name of the portal comes first.
        b'B' => match message.get(HEADER) {
            Some(0) => HEADER + 1,
            _ => HEADER + 1 + message[HEADER..].iter().position(|byte| *byte == 0).ok_or_else(cut)?,
        },
        // Of a statement, or of a portal.
        b'D' | b'C' if message.get(HEADER) == Some(&b'S') => HEADER + 1,
        _ => return Ok(None),
    };
    match message.get(name) {
        Some(0) => Ok(None),
        Some(_) => Ok(Some(name)),
        None => Err(cut()),
    }
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
            let name = format!("{}s1", String::from_utf8_lossy(&outgoing.prefix));
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
        let renamed = [b"\0", &outgoing.prefix[..], b"s7\0", &vec![7; 3 * MOST_WAITING]].concat();
        assert_eq!(seen, [message(b'B', &renamed), message(b'S', b"")].concat());
    }
}
