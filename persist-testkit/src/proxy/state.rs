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
    /// What the client gets in the place of the next answer to a COMMIT.
    commit_answer: Option<Vec<u8>>,
}

/// `CommandComplete` of a COMMIT that was done.
const COMMITTED: &[u8] = b"C\0\0\0\x0bCOMMIT\0";

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

    pub(super) fn answer_commit(&self, message: Vec<u8>) {
        self.lock().commit_answer = Some(message);
    }

    /// Puts what was given in the place of the answer to a COMMIT, if there is one among these bytes of a server.
    pub(super) fn replace_commit_answer(&self, bytes: &mut BytesMut) {
        let mut inner = self.lock();
        if inner.commit_answer.is_none() {
            return;
        }
        let Some(at) = bytes.windows(COMMITTED.len()).position(|window| window == COMMITTED) else { return };
        let rest = bytes.split_off(at);
        bytes.extend(inner.commit_answer.take().into_iter().flatten());
        bytes.extend_from_slice(&rest[COMMITTED.len()..]);
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
        inner.commit_answer = None;
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
