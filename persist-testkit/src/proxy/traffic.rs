//! What has passed, and how many round trips it was.

use super::frame::{Kind, Side};
use std::collections::VecDeque;
use std::fmt;

/// What a [`Proxy`](crate::Proxy) has passed on since it was started or [reset](crate::Proxy::reset).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Traffic {
    /// How often the client waited for the server; [`Proxy`](crate::Proxy) says what exactly is counted.
    pub round_trips: usize,
    /// Pieces in which the client's bytes arrived. A client's write is one piece, except that the network may
    /// join small ones and split large ones.
    pub writes: usize,
    /// Messages from the client.
    pub client_messages: usize,
    /// Bytes from the client.
    pub client_bytes: usize,
    /// Messages from the server.
    pub server_messages: usize,
    /// Bytes from the server.
    pub server_bytes: usize,
    /// Connections that were opened.
    pub connections: usize,
    exchanges: VecDeque<Exchange>,
    exchanges_forgotten: usize,
}

/// What was said from one sending of a client on.
#[derive(Debug, Clone)]
struct Exchange {
    connection: usize,
    is_round_trip: bool,
    sent: Vec<(Kind, usize)>,
    received: Vec<(Kind, usize)>,
}

/// So many are kept for the report of a failure.
const EXCHANGES_KEPT: usize = 200;

impl Traffic {
    /// Those that began after so many.
    pub(crate) fn exchanges_so_far(&self) -> usize {
        self.exchanges_forgotten + self.exchanges.len()
    }

    /// The messages of each round trip, of those that began after the first `skipped` exchanges.
    pub(crate) fn report(&self, skipped: usize) -> Report<'_> {
        Report { traffic: self, skipped }
    }

    fn begin(&mut self, connection: usize) {
        if self.exchanges.len() == EXCHANGES_KEPT {
            self.exchanges.pop_front();
            self.exchanges_forgotten += 1;
        }
        self.exchanges.push_back(Exchange {
            connection,
            is_round_trip: false,
            sent: Vec::new(),
            received: Vec::new(),
        });
    }

    /// The latest of a connection, unless it was forgotten or reset.
    fn current(&mut self, connection: usize) -> Option<&mut Exchange> {
        self.exchanges.iter_mut().rev().find(|exchange| exchange.connection == connection)
    }
}

/// Tells round trips apart, on one connection.
#[derive(Debug)]
pub(super) struct Turn {
    connection: usize,
    /// The server has answered since the client last sent, or nothing was sent yet.
    answered: bool,
    counted: bool,
    /// Since the last Sync: nothing yet, only what the client does not wait for (`false`), or more (`true`).
    since_sync: Option<bool>,
    /// Of the answers that are still to come, up to a ReadyForQuery each: whether the client waits for it.
    awaited: VecDeque<bool>,
}

impl Turn {
    pub(super) fn new(connection: usize) -> Self {
        Self { connection, answered: true, counted: false, since_sync: None, awaited: VecDeque::new() }
    }

    pub(super) fn client_sent(&mut self, kind: Kind, traffic: &mut Traffic) {
        if self.answered {
            traffic.begin(self.connection);
            *self = Self {
                answered: false,
                counted: false,
                since_sync: None,
                awaited: std::mem::take(&mut self.awaited),
                ..*self
            };
        }
        let awaited = match kind {
            Kind::Message(_, b'C' | b'X') | Kind::CancelRequest => false,
            Kind::Message(_, b'S' | b'H') => self.since_sync.unwrap_or(true),
            Kind::Message(..) | Kind::Startup | Kind::SslRequest | Kind::SslAnswer | Kind::Encrypted => true,
        };
        self.since_sync = match kind {
            Kind::Message(_, b'S') => None,
            _ => Some(awaited || self.since_sync == Some(true)),
        };
        if let Kind::Message(_, b'S' | b'Q' | b'F') = kind {
            self.awaited.push_back(awaited);
        }
        if awaited && !self.counted {
            self.counted = true;
            traffic.round_trips += 1;
        }
        traffic.client_messages += 1;
        let counted = self.counted;
        if let Some(exchange) = traffic.current(self.connection) {
            exchange.is_round_trip = counted;
            append(&mut exchange.sent, kind);
        }
    }

    pub(super) fn server_sent(&mut self, kind: Kind, traffic: &mut Traffic) {
        if self.awaited.front() != Some(&false) {
            self.answered = true;
        }
        if let Kind::Message(_, b'Z') = kind {
            self.awaited.pop_front();
        }
        traffic.server_messages += 1;
        if let Some(exchange) = traffic.current(self.connection) {
            append(&mut exchange.received, kind);
        }
    }
}

impl Traffic {
    pub(super) fn bytes_passed(&mut self, side: Side, bytes: usize) {
        match side {
            Side::Client => self.client_bytes += bytes,
            Side::Server => self.server_bytes += bytes,
        }
    }
}

fn append(messages: &mut Vec<(Kind, usize)>, kind: Kind) {
    match messages.last_mut() {
        Some((last, count)) if *last == kind => *count += 1,
        _ => messages.push((kind, 1)),
    }
}

pub(crate) struct Report<'a> {
    traffic: &'a Traffic,
    skipped: usize,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.skipped.saturating_sub(self.traffic.exchanges_forgotten);
        if self.traffic.exchanges_forgotten > self.skipped {
            writeln!(f, "  (only the last {EXCHANGES_KEPT} are shown)")?;
        }
        let mut number = 0;
        for exchange in self.traffic.exchanges.iter().skip(skipped) {
            if exchange.is_round_trip {
                number += 1;
                write!(f, "  {number}. ")?;
            } else {
                write!(f, "  not counted: ")?;
            }
            write!(f, "connection {}: {}", exchange.connection, List(&exchange.sent))?;
            writeln!(f, "\n     -> {}", List(&exchange.received))?;
        }
        Ok(())
    }
}

struct List<'a>(&'a [(Kind, usize)]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("(nothing)");
        }
        for (position, (kind, count)) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{kind}")?;
            if *count > 1 {
                write!(f, " x{count}")?;
            }
        }
        Ok(())
    }
}
