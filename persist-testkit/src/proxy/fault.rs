//! Faults that wait for their moment.

use super::frame::Side;

/// When a fault happens.
///
/// Messages and bytes are counted from the call that takes the point, over all connections; for
/// [`Proxy::next_connection`](crate::Proxy::next_connection) from that connection's beginning, its startup
/// included.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Point {
    side: Side,
    unit: Unit,
    after: usize,
}

#[derive(Debug, Clone, Copy)]
enum Unit {
    Messages,
    Bytes,
}

impl Point {
    /// When so many messages of the client have been passed on to the server, before its answer to the last
    /// of them. With 0: when the client next sends something, which is not passed on.
    pub fn client_messages(after: usize) -> Self {
        Self { side: Side::Client, unit: Unit::Messages, after }
    }

    /// When so many messages of the server have been passed on to the client.
    /// With 0: when the server next answers something, which is not passed on.
    pub fn server_messages(after: usize) -> Self {
        Self { side: Side::Server, unit: Unit::Messages, after }
    }

    /// When so many bytes of the client have been passed on to the server, mostly in the middle of a message.
    pub fn client_bytes(after: usize) -> Self {
        Self { side: Side::Client, unit: Unit::Bytes, after }
    }

    /// When so many bytes of the server have been passed on to the client, mostly in the middle of a message.
    pub fn server_bytes(after: usize) -> Self {
        Self { side: Side::Server, unit: Unit::Bytes, after }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Cut,
    Freeze,
}

/// Which connections bring a fault nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    Next,
    Only(usize),
}

#[derive(Debug)]
pub(super) struct ArmedFault {
    fault: Fault,
    point: Point,
    scope: Scope,
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    armed: Vec<ArmedFault>,
    pub(super) happened: usize,
}

impl Faults {
    pub(super) fn arm(&mut self, fault: Fault, point: Point, scope: Scope) {
        self.armed.push(ArmedFault { fault, point, scope });
    }

    pub(super) fn disarm(&mut self) {
        self.armed.clear();
    }

    pub(super) fn connection_opened(&mut self, connection: usize) {
        for armed in &mut self.armed {
            if armed.scope == Scope::Next {
                armed.scope = Scope::Only(connection);
            }
        }
    }

    /// How many of the next `bytes` may pass before a fault happens: all, if none does.
    pub(super) fn bytes_before(&self, connection: usize, side: Side, bytes: usize) -> usize {
        let limit = |armed: &ArmedFault| match (armed.point.unit, armed.point.after) {
            (_, 0) => 0,
            (Unit::Bytes, after) => after,
            (Unit::Messages, _) => bytes,
        };
        self.concerned(connection, side).map(limit).fold(bytes, usize::min)
    }

    /// Tells that bytes have passed, and whether a message ended with them; answers the fault that happens
    /// now.
    pub(super) fn passed(
        &mut self,
        connection: usize,
        side: Side,
        bytes: usize,
        message: bool,
    ) -> Option<Fault> {
        for armed in &mut self.armed {
            if armed.concerns(connection, side) {
                let passed = match armed.point.unit {
                    Unit::Bytes => bytes,
                    Unit::Messages => usize::from(message),
                };
                armed.point.after = armed.point.after.saturating_sub(passed);
            }
        }
        let due =
            self.armed.iter().position(|armed| armed.point.after == 0 && armed.concerns(connection, side))?;
        self.happened += 1;
        Some(self.armed.remove(due).fault)
    }

    fn concerned(&self, connection: usize, side: Side) -> impl Iterator<Item = &ArmedFault> {
        self.armed.iter().filter(move |armed| armed.concerns(connection, side))
    }
}

impl ArmedFault {
    fn concerns(&self, connection: usize, side: Side) -> bool {
        let here = match self.scope {
            Scope::All => true,
            Scope::Next => false,
            Scope::Only(only) => only == connection,
        };
        here && self.point.side == side
    }
}
