//! What the connections of a proxy share with the test that looks at it.

use super::fault::{Fault, Faults, Point, Scope};
use super::frame::{Framing, Side};
use super::traffic::{Traffic, Turn};
use bytes::BytesMut;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// Whether a connection passes anything on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Valve {
    Open,
    Frozen,
    Cut,
}

#[derive(Default)]
pub(super) struct State(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    traffic: Traffic,
    faults: Faults,
    connections: HashMap<usize, Connection>,
    opened: usize,
    latency: Duration,
    refuses: bool,
    /// What the client gets in the place of the next answer of these.
    answer: Option<(&'static [&'static [u8]], Vec<u8>)>,
    /// Does the server get ROLLBACK in the place of the next COMMIT?
    loses_commit: bool,
}

/// `CommandComplete` of a BEGIN.
pub(super) const BEGUN: &[&[u8]] = &[b"C\0\0\0\x0aBEGIN\0"];

/// `CommandComplete` of a COMMIT: it was done, or there was nothing that could be.
pub(super) const ENDED: &[&[u8]] = &[b"C\0\0\0\x0bCOMMIT\0", b"C\0\0\0\x0dROLLBACK\0"];

/// The end of a query, and another one that is as long.
const COMMIT: &[u8] = b"COMMIT\0";
const ABORT: &[u8] = b"ABORT;\0";

struct Connection {
    framing: Framing,
    turn: Turn,
    valve: watch::Sender<Valve>,
}

impl State {
    /// `None` if connections are refused at present.
    pub(super) fn open(&self) -> Option<(usize, watch::Receiver<Valve>)> {
        let mut inner = self.lock();
        if inner.refuses {
            return None;
        }
        inner.opened += 1;
        inner.traffic.connections += 1;
        let number = inner.opened;
        inner.faults.connection_opened(number);
        let (valve, watched) = watch::channel(Valve::Open);
        inner
            .connections
            .insert(number, Connection { framing: Framing::new(), turn: Turn::new(number), valve });
        Some((number, watched))
    }

    pub(super) fn close(&self, connection: usize) {
        self.lock().connections.remove(&connection);
    }

    pub(super) fn open_connections(&self) -> usize {
        self.lock().connections.len()
    }

    /// The client's bytes came in one piece.
    pub(super) fn piece_arrived(&self) {
        self.lock().traffic.writes += 1;
    }

    /// How many bytes are to be passed on now: all, or those up to a fault, which then has begun. Counts
    /// them.
    pub(super) fn admit(&self, connection: usize, side: Side, bytes: &[u8]) -> usize {
        let Inner { traffic, faults, connections, .. } = &mut *self.lock();
        let Some(Connection { framing, turn, valve }) = connections.get_mut(&connection) else {
            return bytes.len();
        };
        let mut pass = 0;
        while pass < bytes.len() {
            let rest = &bytes[pass..];
            let allowed = faults.bytes_before(connection, side, rest.len());
            let mut ended = false;
            let mut passed = 0;
            if allowed > 0 {
                let piece = framing.next(side, &rest[..allowed]);
                passed = piece.length;
                ended = piece.ends.is_some();
                traffic.bytes_passed(side, passed);
                match (side, piece.ends) {
                    (Side::Client, Some(kind)) => turn.client_sent(kind, traffic),
                    (Side::Server, Some(kind)) => turn.server_sent(kind, traffic),
                    (_, None) => {}
                }
            }
            pass += passed;
            if let Some(fault) = faults.passed(connection, side, passed, ended) {
                // The other direction stops at once; ours after the bytes that may pass.
                valve.send_replace(fault.valve());
                return pass;
            }
        }
        pass
    }

    pub(super) fn answer(&self, replaced: &'static [&'static [u8]], message: Vec<u8>) {
        self.lock().answer = Some((replaced, message));
    }

    /// Puts what was given in the place of an answer, if that is among these bytes of a server.
    pub(super) fn replace_answer(&self, bytes: &mut BytesMut) {
        let mut inner = self.lock();
        let Some((replaced, message)) = &inner.answer else { return };
        let found = replaced.iter().find_map(|answer| Some((find(bytes, answer)?, answer.len())));
        let Some((at, length)) = found else { return };
        let rest = bytes.split_off(at);
        bytes.extend_from_slice(message);
        bytes.extend_from_slice(&rest[length..]);
        inner.answer = None;
        inner.faults.happened += 1;
    }

    pub(super) fn lose_commit(&self) {
        self.lock().loses_commit = true;
    }

    /// Puts ROLLBACK in the place of a COMMIT, if there is one among these bytes of a client and it is to be lost.
    pub(super) fn replace_commit(&self, bytes: &mut BytesMut) {
        let mut inner = self.lock();
        if !inner.loses_commit {
            return;
        }
        let Some(at) = find(bytes, COMMIT) else { return };
        bytes[at..at + COMMIT.len()].copy_from_slice(ABORT);
        inner.loses_commit = false;
        inner.faults.happened += 1;
    }

    pub(super) fn arm(&self, fault: Fault, point: Point, scope: Scope) {
        self.lock().faults.arm(fault, point, scope);
    }

    pub(super) fn strike_all(&self, fault: Fault) {
        let mut inner = self.lock();
        inner.faults.happened += 1;
        for connection in inner.connections.values() {
            connection.valve.send_replace(fault.valve());
        }
    }

    pub(super) fn faults_happened(&self) -> usize {
        self.lock().faults.happened
    }

    pub(super) fn refuse(&self) {
        self.lock().refuses = true;
    }

    pub(super) fn heal(&self) {
        let mut inner = self.lock();
        inner.refuses = false;
        inner.answer = None;
        inner.loses_commit = false;
        inner.faults.disarm();
        for connection in inner.connections.values() {
            connection.valve.send_if_modified(|valve| {
                let frozen = *valve == Valve::Frozen;
                if frozen {
                    *valve = Valve::Open;
                }
                frozen
            });
        }
    }

    pub(super) fn latency(&self) -> Duration {
        self.lock().latency
    }

    pub(super) fn set_latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }

    pub(super) fn traffic(&self) -> Traffic {
        self.lock().traffic.clone()
    }

    pub(super) fn reset(&self) {
        self.lock().traffic = Traffic::default();
    }

    /// A test that failed while it held the lock has left nothing half done.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    fn valve(self) -> Valve {
        match self {
            Self::Cut => Valve::Cut,
            Self::Freeze => Valve::Frozen,
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}
