//! One connection: it remembers what it has prepared, and knows whether it may be used again.

use std::pin::pin;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_postgres::Client;

use crate::error::Error;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::config::StatementMode;
use crate::wire::connection_state::{Commit, ConnectionState};
use crate::wire::driver::Driver;
use crate::wire::receiver::Receiver;
use crate::wire::send::Transport;
use crate::wire::statement_cache::StatementCache;
use crate::wire::tls::Tls;

// The fields are dropped in this order: once the client is gone, the driver says goodbye to the server.
pub(crate) struct Connection {
    client: Client,
    cache: StatementCache,
    driver: Driver,
    tls: Tls,
    settings: Settings,
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
    pub(crate) fn new(client: Client, driver: Driver, tls: Tls, settings: Settings) -> Connection {
        let cache = StatementCache::new(settings.cache_size);
        Connection { client, cache, driver, tls, settings, state: ConnectionState::new(false), limit: None }
    }

    /// Runs calls in one write; see [`Transport::send`].
    pub(crate) async fn send(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        let cache = match self.settings.mode {
            StatementMode::Named => Some(&mut self.cache),
            StatementMode::Unnamed => None,
        };
        let transport = Transport {
            client: &self.client,
            driver: Some(&mut self.driver),
            cache,
            state: &mut self.state,
            limit: self.limit.take().or(self.settings.limit),
        };
        transport.send(calls, bracket, receiver).await
    }

    /// Each statement of the next call may take as long as this, by a statement time-out of its own.
    pub(crate) fn allow(&mut self, limit: Duration) {
        self.limit = Some(if limit.is_zero() { Duration::MAX } else { limit });
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.state.is_usable()
    }

    /// Closes a connection whose call did not come to an end, and asks the server to stop that statement:
    /// else it would go on, unseen by the limits of the pool.
    ///
    /// A request to cancel that comes late would stop the next statement, so only a connection that is never
    /// used again may be sent one.
    pub(crate) fn abandon(self) {
        if let (false, Ok(runtime)) = (self.driver.ended(), Handle::try_current()) {
            let cancelling = self.client.cancel_token();
            let limit = self.settings.cancel_limit;
            let tls = self.tls.clone();
            // The call is gone that could answer a failure.
            runtime.spawn(async move { tokio::time::timeout(limit, cancelling.cancel_query(tls)).await });
        }
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

    /// What it has ended of.
    pub(crate) fn lost(&mut self) -> Error {
        Error::connection_lost(self.driver.take_error())
    }

    /// Asks the server for a sign of life: one round trip.
    pub(crate) async fn is_alive(&mut self) -> bool {
        self.state.busy = true;
        let alive = matches!(self.driver.drive(pin!(self.client.check_connection())).await, Some(Ok(())));
        self.state.busy = !alive;
        alive
    }
}
