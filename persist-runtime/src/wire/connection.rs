//! One connection: it remembers what it has prepared, and knows whether it may be used again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::SimpleQueryMessage;

use crate::error::Error;
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::config::StatementMode;
use crate::wire::connection_state::{Commit, ConnectionState};
use crate::wire::line::Line;
use crate::wire::pooler::Pooler;
use crate::wire::receiver::Receiver;
use crate::wire::send::Transport;
use crate::wire::session_settings::SessionSettings;
use crate::wire::statement_cache::StatementCache;

pub(crate) struct Connection {
    line: Line,
    cache: StatementCache,
    settings: Settings,
    session: Arc<SessionSettings>,
    pooler: Arc<Pooler>,
    state: ConnectionState,
    /// How long the server lets each statement of the next call run, if it is not as long as usual.
    limit: Option<Duration>,
}

#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) mode: StatementMode,
    pub(crate) cache_size: usize,
    /// How long the server lets a statement run.
    pub(crate) limit: Option<Duration>,
    /// How long the server is asked to stop a statement whose call was dropped.
    pub(crate) cancel_limit: Duration,
}

impl Connection {
    /// `cache` is what is known to be prepared there.
    pub(crate) fn new(
        line: Line,
        cache: StatementCache,
        settings: Settings,
        session: Arc<SessionSettings>,
        pooler: Arc<Pooler>,
    ) -> Connection {
        let state = ConnectionState::new(false);
        Connection { line, cache, settings, session, pooler, state, limit: None }
    }

    /// Runs calls in one write; see [`Transport::send`].
    pub(crate) async fn send(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        if self.is_shared() && self.session.of_transaction().is_some() {
            return Box::pin(self.send_with_settings(calls, bracket, receiver)).await;
        }
        self.transport().send(calls, bracket, receiver).await
    }

    /// Do others send something in this session?
    fn is_shared(&self) -> bool {
        !self.line.is_driven() || self.pooler.is_noticed()
    }

    /// Where a session is shared, what holds for all that a pool sends is set in each transaction, and calls by
    /// themselves get one.
    async fn send_with_settings(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let session = self.session.clone();
        if self.state.in_transaction || !bracket.is_none() {
            let with_settings = Bracket { settings: session.of_transaction(), ..*bracket };
            return self.transport().send(calls, &with_settings, receiver).await;
        }
        let alone = Bracket { begin: Begin::Call(session.begin_of_call()), end: End::Commit, ..*bracket };
        match self.transport().send(calls, &alone, receiver).await {
            // What cannot be in a transaction, such as VACUUM, has not run.
            Err(error) if error.needs_no_transaction() && receiver.can_restart() => {
                receiver.restart();
                self.transport().send(calls, bracket, receiver).await
            }
            Err(error) => Err(match self.state.commit {
                Commit::Done if calls.iter().any(|call| call.statement.surely_writes()) => {
                    Error::committed(error)
                }
                // The call has run, and what came in the place of COMMIT's answer does not say what became of it.
                Commit::Sent if !error.is_connection_lost() && !error.is_no_answer() => {
                    Error::connection_lost(None).because(error.into())
                }
                Commit::Done | Commit::Sent | Commit::Failed => error,
            }),
            done => done,
        }
    }

    #[inline]
    fn transport(&mut self) -> Transport<'_> {
        let is_named = match self.settings.mode {
            StatementMode::Auto => !self.pooler.is_noticed(),
            StatementMode::Named => true,
            StatementMode::Unnamed => false,
        };
        let (client, driver) = self.line.parts();
        Transport {
            client,
            driver,
            cache: is_named.then_some(&mut self.cache),
            state: &mut self.state,
            limit: self.limit.take().or(self.settings.limit),
        }
    }

    /// Each statement of the next call may take as long as this, by a statement time-out of its own.
    pub(crate) fn allow(&mut self, limit: Duration) {
        self.limit = Some(if limit.is_zero() { Duration::MAX } else { limit });
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.state.is_usable()
    }

    /// Is the session another one than it was opened as? Asked once, when a call has come to its end.
    pub(crate) fn is_changed(&self) -> bool {
        self.state.has_traces || self.line.has_other_settings()
    }

    /// Did the server not know a statement that was prepared there? Either it was told to forget, or it is another one.
    pub(crate) fn has_lost_statement(&self) -> bool {
        self.state.has_lost_statement
    }

    /// Closes it, and has a statement stopped whose call did not come to an end.
    pub(crate) fn abandon(self) {
        self.line.abandon(self.settings.cancel_limit);
    }

    /// Parts with the client, and with what is prepared there.
    #[cfg(feature = "deadpool-postgres")]
    pub(crate) fn into_parts(self) -> (Line, StatementCache, Arc<SessionSettings>) {
        (self.line, self.cache, self.session)
    }

    /// Whether a call did not come to an end.
    pub(crate) fn is_busy(&self) -> bool {
        self.state.busy
    }

    /// How far the COMMIT of the last write has come, also if its future was dropped.
    pub(crate) fn commit(&self) -> Commit {
        self.state.commit
    }

    /// Whether the server has closed the connection meanwhile, as far as this side knows; sends nothing.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.line.has_ended()
    }

    /// Waits, while no call is under way, until the server has closed the connection.
    pub(crate) async fn ended(&mut self) -> Error {
        self.line.ended().await;
        self.lost()
    }

    /// What it has ended of.
    pub(crate) fn lost(&mut self) -> Error {
        self.line.lost()
    }

    /// Asks the server for a sign of life: one round trip. If another process answers than the one that was said to,
    /// there is a pooler.
    pub(crate) async fn is_alive(&mut self) -> bool {
        self.state.busy = true;
        let (client, driver) = self.line.parts();
        let mut asking = pin!(client.simple_query("SELECT pg_backend_pid()"));
        let (answer, told) = match driver {
            Some(driver) => (driver.drive(asking).await, driver.process()),
            None => (Some(asking.as_mut().await), 0),
        };
        let Some(Ok(messages)) = answer else { return false };
        let process = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        if process.is_some_and(|process: i32| told != 0 && process != told) {
            self.pooler.notice();
        }
        (self.state.busy, self.state.has_lost_statement) = (false, false);
        true
    }
}
