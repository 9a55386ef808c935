//! A pool that the program has, and uses besides: each call borrows a client, and what is known of it is kept here.

mod client;

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use deadpool_postgres::{Object, PoolError, StatementCache as OwnersCache};

use self::client::is_as_counted_on;
use crate::error::{ConnectFailure, Error, PoolReport};
use crate::wire::config::Config;
use crate::wire::connection::{Connection, Settings};
use crate::wire::line::Line;
use crate::wire::pool::status::PoolStatus;
use crate::wire::pooler::Pooler;
use crate::wire::session_settings::SessionSettings;
use crate::wire::statement_cache::StatementCache;

/// A handle to it; clones share it.
#[derive(Clone)]
pub(crate) struct LentPool(Arc<Shared>);

struct Shared {
    pool: deadpool_postgres::Pool,
    acquire_timeout: Duration,
    settings: Settings,
    /// Of sessions that are set as this library counts on, and of the others.
    sessions: [Arc<SessionSettings>; 2],
    pooler: Arc<Pooler>,
    cursor_secret: Arc<[u8]>,
    is_closed: AtomicBool,
    /// By the address of what its pool keeps for each client.
    known: Mutex<HashMap<usize, Known>>,
}

/// What is known of a client that is not in use here.
struct Known {
    /// Keeps the address from being another client's.
    client: Weak<OwnersCache>,
    statements: StatementCache,
    session: Arc<SessionSettings>,
}

/// What messages call the server.
const TARGET: &str = "the server of the pool that was given";

impl LentPool {
    pub(super) fn new(pool: deadpool_postgres::Pool, config: &Config) -> LentPool {
        let limit = config.statement_timeout;
        LentPool(Arc::new(Shared {
            pool,
            acquire_timeout: config.acquire_timeout,
            settings: Settings {
                mode: config.statement_mode,
                cache_size: config.statement_cache,
                limit,
                cancel_limit: Duration::ZERO,
            },
            sessions: [true, false].map(|is_fine| Arc::new(SessionSettings::lent(limit, is_fine))),
            pooler: Arc::default(),
            cursor_secret: config.cursor_secret.clone(),
            is_closed: AtomicBool::new(false),
            known: Mutex::default(),
        }))
    }

    /// Takes a client on loan; sends nothing if one is idle that was met before.
    pub(super) async fn acquire(&self) -> Result<LentLease, Error> {
        let home = &self.0;
        if home.is_closed.load(Ordering::Relaxed) {
            return Err(Error::pool_closed());
        }
        let object = home.client().await?;
        let known = home.known().remove(&key(&object));
        let (statements, session) = match known {
            Some(Known { statements, session, .. }) => (statements, session),
            None => (StatementCache::new(home.settings.cache_size), home.meet(&object).await?),
        };
        let line = Line::Lent(object);
        let connection = Connection::new(line, statements, home.settings, session, home.pooler.clone());
        Ok(LentLease { connection: Some(Box::new(connection)), home: home.clone() })
    }

    pub(super) fn cursor_secret(&self) -> &[u8] {
        &self.0.cursor_secret
    }

    pub(super) fn status(&self) -> PoolStatus {
        PoolStatus::new(self.0.pool.status(), &self.0.pooler, self.0.settings.mode)
    }

    /// The pool itself stays open: it is the program's.
    pub(super) fn close(&self) {
        self.0.is_closed.store(true, Ordering::Relaxed);
        self.0.known().clear();
    }
}

impl Shared {
    async fn client(&self) -> Result<Object, Error> {
        let mut taking = pin!(self.pool.get());
        // Most often one is free; a timer is set up only when none is.
        let taken = match poll_fn(|cx| Poll::Ready(taking.as_mut().poll(cx))).await {
            Poll::Ready(taken) => taken,
            Poll::Pending => {
                let since = Instant::now();
                match tokio::time::timeout(self.acquire_timeout, taking).await {
                    Ok(Err(PoolError::Timeout(_))) | Err(_) => return Err(self.timed_out(since.elapsed())),
                    Ok(taken) => taken,
                }
            }
        };
        taken.map_err(|error| match error {
            PoolError::Backend(error) => Error::connecting(error, TARGET),
            PoolError::Timeout(_) => self.timed_out(Duration::ZERO),
            PoolError::Closed => Error::pool_closed(),
            PoolError::PostCreateHook(_) => {
                Error::connect(ConnectFailure::Unreachable, TARGET).because(Box::new(error))
            }
            PoolError::NoRuntimeSpecified => {
                Error::configuration("the pool that was given has time limits, and no runtime for them")
            }
        })
    }

    /// Looks at a client that was not met before: one round trip.
    async fn meet(&self, object: &Object) -> Result<Arc<SessionSettings>, Error> {
        self.known().retain(|_, known| known.client.strong_count() > 0);
        let asking = is_as_counted_on(object, &self.pooler);
        let is_fine = match tokio::time::timeout(self.acquire_timeout, asking).await {
            Ok(answered) => answered?,
            Err(_elapsed) => return Err(Error::no_answer(self.acquire_timeout)),
        };
        let [fine, other] = &self.sessions;
        Ok(if is_fine { fine } else { other }.clone())
    }

    fn timed_out(&self, waited: Duration) -> Error {
        let status = self.pool.status();
        let in_use = status.size.saturating_sub(status.available);
        let report = PoolReport {
            waited,
            size: status.max_size,
            in_use,
            waiting: status.waiting,
            longest_holder: None,
        };
        Error::pool_timeout(report, None)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<usize, Known>> {
        // Nothing that can panic runs under this lock.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What tells clients apart.
fn key(object: &Object) -> usize {
    Arc::as_ptr(&object.statement_cache).addr()
}

/// A client on loan: it goes back to its pool, or is closed if what it was used for did not come to an end.
pub(crate) struct LentLease {
    connection: Option<Box<Connection>>,
    home: Arc<Shared>,
}

impl LentLease {
    pub(super) fn connection(&mut self) -> &mut Connection {
        match &mut self.connection {
            Some(connection) => connection,
            None => unreachable!("a lease gives its connection away only when it is dropped"),
        }
    }
}

impl Drop for LentLease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if !connection.is_usable() || connection.is_changed() {
            return connection.abandon();
        }
        // It is looked at again where it did not know a statement that was prepared there.
        let is_known = !connection.has_lost_statement();
        let (line, statements, session) = connection.into_parts();
        if let (Line::Lent(object), true) = (&line, is_known && !self.home.is_closed.load(Ordering::Relaxed))
        {
            let client = Arc::downgrade(&object.statement_cache);
            self.home.known().insert(key(object), Known { client, statements, session });
        }
        // Now it goes back, and whoever gets it next finds what is known.
        drop(line);
    }
}
