//! The pool that this library keeps: connections on loan, since when they are held, and why a caller could not get one.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::{Duration, Instant};

use deadpool::managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, Timeouts};
use tokio::runtime::Handle;

use crate::error::Error;
use crate::error::PoolReport;
use crate::value::random;
use crate::wire::config::{Config, StatementMode};
use crate::wire::connection::Connection;
use crate::wire::connector::Connector;
use crate::wire::pool::status::PoolStatus;

/// A handle to the pool; clones share it.
#[derive(Clone)]
pub(crate) struct OwnPool(managed::Pool<Manager>);

impl OwnPool {
    pub(super) fn new(config: &Config) -> Result<OwnPool, Error> {
        let manager = Manager {
            connector: Connector::new(config)?,
            acquire_timeout: config.acquire_timeout,
            max_lifetime: config.max_lifetime,
            idle_check: config.idle_check,
            started: Instant::now(),
            suspect_before: AtomicU64::new(0),
            holders: Mutex::default(),
            last_connect_error: Mutex::default(),
            cursor_secret: config.cursor_secret.clone(),
            statement_mode: config.statement_mode,
        };
        managed::Pool::builder(manager)
            .max_size(config.pool_size)
            // The connection used last has most statements prepared.
            .queue_mode(QueueMode::Lifo)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map(OwnPool)
            .map_err(|error| Error::configuration("the pool cannot be built").because(Box::new(error)))
    }

    /// Takes a connection on loan; sends nothing if one is idle.
    pub(super) async fn acquire(&self) -> Result<OwnLease, Error> {
        const AT_ONCE: Timeouts = Timeouts { wait: Some(Duration::ZERO), create: None, recycle: None };
        let mut at_once = pin!(self.0.timeout_get(&AT_ONCE));
        // Most often one is free and good; a timer is set up only when none is.
        match poll_fn(|cx| Poll::Ready(at_once.as_mut().poll(cx))).await {
            Poll::Ready(Err(PoolError::Timeout(_))) => {
                let waiting = Timeouts { wait: Some(self.0.manager().acquire_timeout), ..AT_ONCE };
                Box::pin(self.hurry(self.0.timeout_get(&waiting))).await
            }
            Poll::Ready(outcome) => self.lease(outcome),
            Poll::Pending => Box::pin(self.hurry(at_once)).await,
        }
    }

    /// What the cursors of pages are signed with.
    pub(super) fn cursor_secret(&self) -> &[u8] {
        &self.0.manager().cursor_secret
    }

    /// Opens connections that are not of the pool.
    pub(super) fn connector(&self) -> &Connector {
        &self.0.manager().connector
    }

    pub(super) fn status(&self) -> PoolStatus {
        let manager = self.0.manager();
        PoolStatus::new(self.0.status(), manager.connector.pooler(), manager.statement_mode)
    }

    pub(super) fn close(&self) {
        self.0.close();
    }

    /// Puts a limit to the whole: waiting for a place, one aliveness check, opening a connection.
    async fn hurry(
        &self,
        taking: impl Future<Output = Result<Object<Manager>, PoolError<Error>>>,
    ) -> Result<OwnLease, Error> {
        runtime()?;
        let Manager { acquire_timeout, connector, .. } = self.0.manager();
        let limit = acquire_timeout.saturating_add(connector.limit().saturating_mul(2));
        match tokio::time::timeout(limit, taking).await {
            Ok(outcome) => self.lease(outcome),
            Err(_elapsed) => Err(self.timed_out(limit)),
        }
    }

    fn lease(&self, outcome: Result<Object<Manager>, PoolError<Error>>) -> Result<OwnLease, Error> {
        outcome.map(|object| OwnLease(Some(object))).map_err(|error| match error {
            PoolError::Backend(error) => error,
            PoolError::Timeout(_) => self.timed_out(self.0.manager().acquire_timeout),
            PoolError::Closed => Error::pool_closed(),
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                Error::configuration("the pool was set up without a runtime")
            }
        })
    }

    fn timed_out(&self, waited: Duration) -> Error {
        let manager = self.0.manager();
        let PoolStatus { max_size, in_use, waiting, .. } = self.status();
        let longest_holder = manager.longest_holder();
        let report = PoolReport { waited, size: max_size, in_use, waiting, longest_holder };
        Error::pool_timeout(report, lock(&manager.last_connect_error).as_ref().map(Error::share))
    }
}

/// A connection on loan: it goes back to the pool, or is closed if what it was used for did not come to an
/// end.
pub(crate) struct OwnLease(Option<Object<Manager>>);

impl OwnLease {
    pub(super) fn connection(&mut self) -> &mut Connection {
        match &mut self.0 {
            Some(object) => &mut object.connection,
            None => unreachable!("a lease gives its connection away only when it is dropped"),
        }
    }
}

impl Drop for OwnLease {
    fn drop(&mut self) {
        let Some(mut object) = self.0.take() else { return };
        if !object.connection.is_usable() {
            return Object::take(object).connection.abandon();
        }
        if object.connection.is_changed() {
            return drop(Object::take(object));
        }
        object.idle_since = Instant::now();
        object.holder.0.store(IDLE, Ordering::Relaxed);
    }
}

pub(crate) struct Manager {
    connector: Connector,
    acquire_timeout: Duration,
    max_lifetime: Duration,
    idle_check: Duration,
    started: Instant,
    /// When the last failed aliveness check began, in microseconds of the pool's life. What has idled since
    /// before it most likely died of the same cause, and asking each would take the whole time limit each
    /// time.
    suspect_before: AtomicU64,
    /// One entry per open connection; locked when one is opened and for a report, never for a loan.
    holders: Mutex<Vec<Weak<Holder>>>,
    last_connect_error: Mutex<Option<Error>>,
    cursor_secret: Arc<[u8]>,
    statement_mode: StatementMode,
}

pub(crate) struct Pooled {
    connection: Connection,
    holder: Arc<Holder>,
    /// Which runtime sees to its socket.
    runtime: tokio::runtime::Id,
    /// The end of the last loan.
    idle_since: Instant,
    /// `None`: never.
    expires: Option<Instant>,
}

/// Since when a connection is on loan, in microseconds of the pool's life.
struct Holder(AtomicU64);

/// It is not on loan.
const IDLE: u64 = u64::MAX;

impl managed::Manager for Manager {
    // Boxed, because the pool moves it in and out of its queue.
    type Type = Box<Pooled>;
    type Error = Error;

    async fn create(&self) -> Result<Box<Pooled>, Error> {
        let runtime = runtime()?;
        // Boxed, like the aliveness check: their size would burden every loan.
        let outcome = Box::pin(self.connector.connect()).await;
        *lock(&self.last_connect_error) = outcome.as_ref().err().map(Error::share);
        let connection = outcome?;
        let now = Instant::now();
        let holder = Arc::new(Holder(AtomicU64::new(self.micros(now))));
        self.register(&holder);
        let expires = now.checked_add(jittered(self.max_lifetime));
        Ok(Box::new(Pooled { connection, holder, runtime, idle_since: now, expires }))
    }

    async fn recycle(&self, pooled: &mut Box<Pooled>, _: &Metrics) -> RecycleResult<Error> {
        let now = Instant::now();
        if !Handle::try_current().is_ok_and(|runtime| runtime.id() == pooled.runtime) {
            return Err(RecycleError::message("the socket is of another runtime, which may stand still"));
        }
        if pooled.expires.is_some_and(|expires| now >= expires) {
            return Err(RecycleError::message("the connection has reached its age"));
        }
        if pooled.connection.has_ended() {
            return Err(RecycleError::message("the server has closed the connection"));
        }
        let has_idled = pooled.idle_since.checked_add(self.idle_check).is_some_and(|end| now >= end);
        let is_doubtful = has_idled || pooled.connection.has_lost_statement();
        if is_doubtful && !Box::pin(self.has_survived(pooled, now)).await {
            return Err(RecycleError::message("the connection did not survive its idling"));
        }
        pooled.holder.0.store(self.micros(now), Ordering::Relaxed);
        Ok(())
    }
}

impl Manager {
    async fn has_survived(&self, pooled: &mut Pooled, now: Instant) -> bool {
        if self.micros(pooled.idle_since) < self.suspect_before.load(Ordering::Relaxed) {
            return false;
        }
        let check = tokio::time::timeout(self.connector.limit(), pooled.connection.is_alive());
        let alive = check.await == Ok(true);
        if !alive {
            self.suspect_before.fetch_max(self.micros(now), Ordering::Relaxed);
        }
        alive
    }

    fn register(&self, holder: &Arc<Holder>) {
        let mut holders = lock(&self.holders);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.push(Arc::downgrade(holder));
    }

    fn longest_holder(&self) -> Option<Duration> {
        let now = self.micros(Instant::now());
        let holders = lock(&self.holders);
        let since =
            holders.iter().filter_map(Weak::upgrade).map(|holder| holder.0.load(Ordering::Relaxed)).min();
        since.filter(|since| *since != IDLE).map(|since| Duration::from_micros(now.saturating_sub(since)))
    }

    fn micros(&self, now: Instant) -> u64 {
        let age = now.duration_since(self.started);
        age.as_secs() * 1_000_000 + u64::from(age.subsec_micros())
    }
}

/// The runtime in which this runs.
fn runtime() -> Result<tokio::runtime::Id, Error> {
    const MESSAGE: &str = "there is no Tokio runtime here: await this in `Runtime::block_on`, in a task that was spawned, or in \
         `#[tokio::main]`";
    Handle::try_current().map(|runtime| runtime.id()).map_err(|_| Error::configuration(MESSAGE))
}

/// Up to 2.5 % less, so that connections opened together are not closed together.
fn jittered(lifetime: Duration) -> Duration {
    lifetime.saturating_sub((lifetime / 40).mul_f64(random::fraction()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic runs under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
