//! Where the messages of PostgreSQL's protocol begin and end, and what they are called.

use std::fmt;

/// Who sent something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// What was sent, as far as the proxy looks into it: its type, never its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The client's first message, which has no type.
    Startup,
    SslRequest,
    CancelRequest,
    /// The server's one byte.
    SslAnswer,
    Message(Side, u8),
    /// Something encrypted, as it came out of one read.
    Encrypted,
}

/// How the next bytes of one side are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Startup,
    SslAnswer,
    Messages,
    Encrypted,
}

/// The bytes of both sides of one connection, cut into messages as they come.
///
/// Only lengths are kept, so a message of any size passes without being held back. What a server says about
/// encryption changes how the client is read, hence both in one place.
pub(super) struct Framing {
    client: Half,
    server: Half,
}

struct Half {
    mode: Mode,
    header: Vec<u8>,
    /// Of the body of the message whose header is complete.
    missing: usize,
}

/// A piece of the input that lies within one message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) length: usize,
    /// The message that ends with this piece.
    pub(super) ends: Option<Kind>,
}

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;
/// The first byte of a TLS handshake, sent without asking by `sslnegotiation=direct`.
const TLS_HANDSHAKE: u8 = 0x16;

impl Framing {
    pub(super) fn new() -> Self {
        Self { client: Half::new(Mode::Startup), server: Half::new(Mode::Messages) }
    }

    /// The first piece of `bytes`, which must not be empty.
    pub(super) fn next(&mut self, side: Side, bytes: &[u8]) -> Piece {
        let half = match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        };
        if half.mode == Mode::Startup && half.header.is_empty() && bytes[0] == TLS_HANDSHAKE {
            self.encrypt();
            return Piece { length: bytes.len(), ends: Some(Kind::Encrypted) };
        }
        match half.mode {
            Mode::Encrypted => Piece { length: bytes.len(), ends: Some(Kind::Encrypted) },
            Mode::SslAnswer => {
                half.mode = Mode::Messages;
                if bytes[0] == b'S' || bytes[0] == b'G' {
                    self.encrypt();
                }
                Piece { length: 1, ends: Some(Kind::SslAnswer) }
            }
            Mode::Startup | Mode::Messages => {
                let length = half.take(bytes);
                let ends = half.end(side);
                match ends {
                    Some(Kind::SslRequest) => self.server.mode = Mode::SslAnswer,
                    Some(Kind::Startup) => self.client.mode = Mode::Messages,
                    _ => {}
                }
                Piece { length, ends }
            }
        }
    }

    fn encrypt(&mut self) {
        self.client.mode = Mode::Encrypted;
        self.server.mode = Mode::Encrypted;
    }
}

impl Half {
    fn new(mode: Mode) -> Self {
        Self { mode, header: Vec::with_capacity(8), missing: 0 }
    }

    /// Type and length; of the startup message the length and its code.
    fn header_length(&self) -> usize {
        if self.mode == Mode::Startup { 8 } else { 5 }
    }

    /// Reads on within the current message; answers how far.
    fn take(&mut self, bytes: &[u8]) -> usize {
        let header = bytes.len().min(self.header_length() - self.header.len());
        if header > 0 {
            self.header.extend_from_slice(&bytes[..header]);
            if self.header.len() == self.header_length() {
                // The length counts itself, but not the type.
                self.missing = match self.mode {
                    Mode::Startup => self.number(0).saturating_sub(8),
                    _ => self.number(1).saturating_sub(4),
                };
            }
        }
        let body = self.missing.min(bytes.len() - header);
        self.missing -= body;
        header + body
    }

    /// If the current message is complete: what it was. The next may begin.
    fn end(&mut self, side: Side) -> Option<Kind> {
        if self.header.len() < self.header_length() || self.missing > 0 {
            return None;
        }
        let kind = match self.mode {
            Mode::Startup => match self.number(4) as u32 {
                SSL_REQUEST | GSS_REQUEST => Kind::SslRequest,
                CANCEL_REQUEST => Kind::CancelRequest,
                _ => Kind::Startup,
            },
            _ => Kind::Message(side, self.header[0]),
        };
        self.header.clear();
        Some(kind)
    }

    fn number(&self, at: usize) -> usize {
        self.header[at..at + 4].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Startup => "Startup",
            Self::SslRequest => "SslRequest",
            Self::CancelRequest => "CancelRequest",
            Self::SslAnswer => "SslAnswer",
            Self::Encrypted => "(encrypted)",
            Self::Message(Side::Client, tag) => match tag {
                b'B' => "Bind",
                b'C' => "Close",
                b'D' => "Describe",
                b'E' => "Execute",
                b'F' => "FunctionCall",
                b'H' => "Flush",
                b'P' => "Parse",
                b'Q' => "Query",
                b'S' => "Sync",
                b'X' => "Terminate",
                b'c' => "CopyDone",
                b'd' => "CopyData",
                b'f' => "CopyFail",
                b'p' => "Password",
                _ => "(unknown)",
            },
            Self::Message(Side::Server, tag) => match tag {
                b'1' => "ParseComplete",
                b'2' => "BindComplete",
                b'3' => "CloseComplete",
                b'A' => "Notification",
                b'C' => "CommandComplete",
                b'D' => "DataRow",
                b'E' => "Error",
                b'G' => "CopyInResponse",
                b'H' => "CopyOutResponse",
                b'I' => "EmptyQuery",
                b'K' => "BackendKeyData",
                b'N' => "Notice",
                b'R' => "Authentication",
                b'S' => "ParameterStatus",
                b'T' => "RowDescription",
                b'W' => "CopyBothResponse",
                b'Z' => "ReadyForQuery",
                b'c' => "CopyDone",
                b'd' => "CopyData",
                b'n' => "NoData",
                b's' => "PortalSuspended",
                b't' => "ParameterDescription",
                b'v' => "NegotiateProtocolVersion",
                _ => "(unknown)",
            },
        };
        f.write_str(name)
    }
}

#[cfg(test)]
mod tests {
    use super::{Framing, Kind, Side};

    const STARTUP: &[u8] = &[0, 0, 0, 9, 0, 3, 0, 0, 0];
    const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    const QUERY: &[u8] = &[b'Q', 0, 0, 0, 6, b';', 0];
    const SYNC: &[u8] = &[b'S', 0, 0, 0, 4];

    /// All messages that end in `bytes`, given in steps of `step` bytes.
    fn kinds(framing: &mut Framing, side: Side, bytes: &[u8], step: usize) -> Vec<Kind> {
        let mut found = Vec::new();
        for mut chunk in bytes.chunks(step) {
            while !chunk.is_empty() {
                let piece = framing.next(side, chunk);
                found.extend(piece.ends);
                chunk = &chunk[piece.length..];
            }
        }
        found
    }

    #[test]
    fn messages_are_found_however_the_bytes_come() {
        let bytes = [STARTUP, QUERY, SYNC, QUERY].concat();
        for step in 1..=bytes.len() {
            let found = kinds(&mut Framing::new(), Side::Client, &bytes, step);
            let message = |tag| Kind::Message(Side::Client, tag);
            assert_eq!(
                found,
                [Kind::Startup, message(b'Q'), message(b'S'), message(b'Q')],
                "in steps of {step}"
            );
        }
    }

    #[test]
    fn a_refused_encryption_goes_on_in_plain() {
        let mut framing = Framing::new();
        assert_eq!(kinds(&mut framing, Side::Client, SSL_REQUEST, 8), [Kind::SslRequest]);
        assert_eq!(kinds(&mut framing, Side::Server, b"N", 1), [Kind::SslAnswer]);
        assert_eq!(kinds(&mut framing, Side::Client, STARTUP, 9), [Kind::Startup]);
    }

    #[test]
    fn what_is_encrypted_is_not_read() {
        let mut framing = Framing::new();
        assert_eq!(kinds(&mut framing, Side::Client, SSL_REQUEST, 8), [Kind::SslRequest]);
        assert_eq!(kinds(&mut framing, Side::Server, b"S", 1), [Kind::SslAnswer]);
        assert_eq!(kinds(&mut framing, Side::Client, QUERY, 7), [Kind::Encrypted]);
        let mut direct = Framing::new();
        assert_eq!(kinds(&mut direct, Side::Client, &[0x16, 3, 1, 0, 0, 0, 0, 0, 0], 9), [Kind::Encrypted]);
    }
}
