//! One connection: it remembers what it has prepared, and knows whether it may be used again.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::error::Error;
use crate::wire::bracket::{Begin, Bracket, End};
use crate::wire::call::Call;
use crate::wire::cancel::cancel;
use crate::wire::config::StatementMode;
use crate::wire::connection_state::{Commit, ConnectionState};
use crate::wire::dial::Route;
use crate::wire::driver::Driver;
use crate::wire::pooler::Pooler;
use crate::wire::receiver::Receiver;
use crate::wire::send::Transport;
use crate::wire::session_settings::SessionSettings;
use crate::wire::statement_cache::StatementCache;

// The fields are dropped in this order: once the client is gone, the driver says goodbye to the server.
pub(crate) struct Connection {
    client: Client,
    cache: StatementCache,
    driver: Driver,
    route: Route,
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
    pub(crate) fn new(
        client: Client,
        driver: Driver,
        route: Route,
        settings: Settings,
        session: Arc<SessionSettings>,
        pooler: Arc<Pooler>,
    ) -> Connection {
        let cache = StatementCache::new(settings.cache_size);
        let state = ConnectionState::new(false);
        Connection { client, cache, driver, route, settings, session, pooler, state, limit: None }
    }

    /// Runs calls in one write; see [`Transport::send`].
    pub(crate) async fn send(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        if self.pooler.is_noticed() && self.session.of_transaction().is_some() {
            return Box::pin(self.send_with_settings(calls, bracket, receiver)).await;
        }
        self.transport().send(calls, bracket, receiver).await
    }

    /// Behind a pooler a session is shared: what holds for all that a pool sends is set in each transaction, and calls
    /// by themselves get one.
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
        Transport {
            client: &self.client,
            driver: Some(&mut self.driver),
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
        self.state.has_traces || self.driver.has_other_settings()
    }

    /// Did the server not know a statement that was prepared there? Either it was told to forget, or it is another one.
    pub(crate) fn has_lost_statement(&self) -> bool {
        self.state.has_lost_statement
    }

    /// Asks the server to stop the statement of a call that did not come to an end, which would go on, unseen by the
    /// limits of the pool; then closes the connection.
    ///
    /// A request to cancel that comes late would stop the next statement, so only a connection that is never
    /// used again may be sent one. Poolers pass it on for a connection that is open only.
    pub(crate) fn abandon(self) {
        let Ok(runtime) = Handle::try_current() else { return };
        if self.driver.ended() {
            return;
        }
        // The call is gone that could answer a failure.
        runtime.spawn(tokio::time::timeout(self.settings.cancel_limit, async move {
            let Connection { client, mut driver, route, .. } = self;
            let Ok(socket) = route.again().await else { return };
            if cancel(&client.cancel_token(), socket).await {
                // What is asked last is answered when all else has ended.
                let _ended = driver.drive(pin!(client.simple_query(""))).await;
            }
        }));
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
        self.driver.has_ended()
    }

    /// Waits, while no call is under way, until the server has closed the connection.
    pub(crate) async fn ended(&mut self) -> Error {
        let _ended: Option<()> = self.driver.drive(pin!(pending())).await;
        self.lost()
    }

    /// What it has ended of.
    pub(crate) fn lost(&mut self) -> Error {
        Error::connection_lost(self.driver.take_error())
    }

    /// Asks the server for a sign of life: one round trip. If another process answers than the one that was said to,
    /// there is a pooler.
    pub(crate) async fn is_alive(&mut self) -> bool {
        self.state.busy = true;
        let answer = self.driver.drive(pin!(self.client.simple_query("SELECT pg_backend_pid()"))).await;
        let Some(Ok(messages)) = answer else { return false };
        let process = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0)?.parse().ok(),
            _ => None,
        });
        let told = self.driver.process();
        if process.is_some_and(|process: i32| told != 0 && process != told) {
            self.pooler.notice();
        }
        (self.state.busy, self.state.has_lost_statement) = (false, false);
        true
    }
}
