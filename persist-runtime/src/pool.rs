//! The pool: connections on loan, who holds them, and why nobody could get one.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use crate::config::Config;
use crate::connection::Connection;
use crate::connector::Connector;
use crate::error::{Error, PoolReport};

/// A handle to the pool; clones share it.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Core>);

/// How full the pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Connections that may be open at once.
    pub max_size: usize,
    /// Connections that are open or being opened.
    pub size: usize,
    /// Connections that somebody is using.
    pub in_use: usize,
    /// Callers that wait for a connection.
    pub waiting: usize,
}

struct Core {
    connector: Connector,
    max_size: usize,
    acquire_timeout: Duration,
    max_lifetime: Duration,
    idle_check: Duration,
    /// One permit per connection that may be on loan.
    permits: Semaphore,
    /// The one used last is lent first: it has most statements prepared.
    #[expect(clippy::vec_box, reason = "a connection is large and moves out and in with every loan")]
    idle: Mutex<Vec<Box<Pooled>>>,
    waiting: AtomicUsize,
    started: Instant,
    /// One entry per open connection; locked when one is opened and for a report, never for a loan.
    holders: Mutex<Vec<Weak<Holder>>>,
    last_connect_error: Mutex<Option<Error>>,
}

struct Pooled {
    connection: Connection,
    holder: Arc<Holder>,
    lent: Instant,
    /// `None`: never.
    expires: Option<Instant>,
}

/// Since when a connection is on loan, in microseconds of the pool's life.
struct Holder(AtomicU64);

const NOBODY: u64 = u64::MAX;

impl Pool {
    pub(crate) fn new(config: &Config) -> Result<Pool, Error> {
        let max_size = config.pool_size.min(Semaphore::MAX_PERMITS);
        Ok(Pool(Arc::new(Core {
            connector: Connector::new(config)?,
            max_size,
            acquire_timeout: config.acquire_timeout,
            max_lifetime: config.max_lifetime,
            idle_check: config.idle_check,
            permits: Semaphore::new(max_size),
            idle: Mutex::default(),
            waiting: AtomicUsize::new(0),
            started: Instant::now(),
            holders: Mutex::default(),
            last_connect_error: Mutex::default(),
        })))
    }

    /// Takes a connection on loan; sends nothing if one is idle.
    pub(crate) async fn acquire(&self) -> Result<Lease<'_>, Error> {
        let core = &*self.0;
        let permit = match core.permits.try_acquire() {
            Ok(permit) => permit,
            Err(TryAcquireError::NoPermits) => Box::pin(core.wait()).await?,
            Err(TryAcquireError::Closed) => return Err(Error::pool_closed()),
        };
        let now = Instant::now();
        while let Some(mut pooled) = core.take_idle() {
            if core.is_good(&mut pooled, now).await {
                pooled.lent = now;
                pooled.holder.0.store(core.micros(now), Ordering::Relaxed);
                return Ok(Lease { core, pooled: Some(pooled), _permit: permit });
            }
        }
        let pooled = Box::pin(core.open()).await?;
        Ok(Lease { core, pooled: Some(pooled), _permit: permit })
    }

    pub(crate) fn status(&self) -> PoolStatus {
        self.0.status()
    }

    pub(crate) fn close(&self) {
        self.0.permits.close();
        self.0.close_idle();
    }
}

/// A connection on loan: it goes back to the pool, or is closed if what it was used for did not come to an end.
pub(crate) struct Lease<'p> {
    core: &'p Core,
    pooled: Option<Box<Pooled>>,
    // Given back after the connection, so that whoever waits finds it.
    _permit: SemaphorePermit<'p>,
}

impl Lease<'_> {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        match &mut self.pooled {
            Some(pooled) => &mut pooled.connection,
            None => unreachable!("a lease gives its connection away only when it is dropped"),
        }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(pooled) = self.pooled.take() else { return };
        if !pooled.connection.is_usable() {
            return pooled.connection.abandon();
        }
        pooled.holder.0.store(NOBODY, Ordering::Relaxed);
        lock(&self.core.idle).push(pooled);
        if self.core.permits.is_closed() {
            self.core.close_idle();
        }
    }
}

impl Core {
    async fn wait(&self) -> Result<SemaphorePermit<'_>, Error> {
        struct Waiting<'c>(&'c AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }

        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        let outcome = tokio::time::timeout(self.acquire_timeout, self.permits.acquire()).await;
        drop(waiting);
        match outcome {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_closed)) => Err(Error::pool_closed()),
            Err(_elapsed) => Err(self.timed_out()),
        }
    }

    fn take_idle(&self) -> Option<Box<Pooled>> {
        lock(&self.idle).pop()
    }

    fn close_idle(&self) {
        let idle = std::mem::take(&mut *lock(&self.idle));
        drop(idle);
    }

    async fn is_good(&self, pooled: &mut Pooled, now: Instant) -> bool {
        if pooled.expires.is_some_and(|expires| now >= expires) || pooled.connection.has_ended() {
            return false;
        }
        now.duration_since(pooled.lent) < self.idle_check
            || Box::pin(self.is_alive(&mut pooled.connection)).await
    }

    async fn is_alive(&self, connection: &mut Connection) -> bool {
        tokio::time::timeout(self.connector.limit(), connection.is_alive()).await == Ok(true)
    }

    async fn open(&self) -> Result<Box<Pooled>, Error> {
        let outcome = self.connector.connect().await;
        *lock(&self.last_connect_error) = outcome.as_ref().err().map(Error::share);
        let connection = outcome?;
        let now = Instant::now();
        let holder = Arc::new(Holder(AtomicU64::new(self.micros(now))));
        let mut holders = lock(&self.holders);
        holders.retain(|holder| holder.strong_count() > 0);
        holders.push(Arc::downgrade(&holder));
        let expires = now.checked_add(jittered(self.max_lifetime));
        Ok(Box::new(Pooled { connection, holder, lent: now, expires }))
    }

    fn status(&self) -> PoolStatus {
        let in_use = self.max_size - self.permits.available_permits();
        let size = in_use + lock(&self.idle).len();
        PoolStatus { max_size: self.max_size, size, in_use, waiting: self.waiting.load(Ordering::Relaxed) }
    }

    fn timed_out(&self) -> Error {
        let PoolStatus { max_size, in_use, waiting, .. } = self.status();
        let report = PoolReport {
            waited: self.acquire_timeout,
            size: max_size,
            in_use,
            waiting,
            longest_holder: self.longest_holder(),
        };
        Error::pool_timeout(report, lock(&self.last_connect_error).as_ref().map(Error::share))
    }

    fn longest_holder(&self) -> Option<Duration> {
        let now = self.micros(Instant::now());
        let holders = lock(&self.holders);
        let since =
            holders.iter().filter_map(Weak::upgrade).map(|holder| holder.0.load(Ordering::Relaxed)).min();
        since.filter(|since| *since != NOBODY).map(|since| Duration::from_micros(now.saturating_sub(since)))
    }

    fn micros(&self, now: Instant) -> u64 {
        let age = now.duration_since(self.started);
        age.as_secs() * 1_000_000 + u64::from(age.subsec_micros())
    }
}

/// Up to 2.5 % less, so that connections opened together are not closed together.
fn jittered(lifetime: Duration) -> Duration {
    // The keys of a hash map's hasher are the randomness that the standard library offers.
    let random = RandomState::new().hash_one(()) as f64 / u64::MAX as f64;
    lifetime.saturating_sub((lifetime / 40).mul_f64(random))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that can panic runs under these locks.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
