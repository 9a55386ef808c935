//! Hands on what was written into the outbox: at least once, and in order for each key.

use std::future::Future;
use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{Either, FutureExt as _, join_all, select};

use crate::error::Error;
use crate::outbox::batch;
use crate::outbox::batch::{Outcome, Share};
use crate::outbox::handing::{hand, while_held};
use crate::outbox::message::Message;
use crate::outbox::patience::{Patience, WaitCallback};
use crate::session::link::Session;
use crate::session::terms::Terms;
use crate::session::transaction::Transaction;
use crate::wire::listener::Listener;
use crate::wire::pool::Pool;

/// Takes events out of the table `persist_outbox` and hands them to a function, as often as it takes.
///
/// - **At least once.** An event is marked as done in the transaction that took it, after the function has
///   answered `Ok`. If the program or the server ends in between, it is handed on again, with the same
///   [`Message::id`].
/// - **In order for each key.** The events of a key are handed on one after another. If the function fails on
///   one, the later ones wait until it has succeeded; other keys go on. They come in the order of their numbers as
///   far as these are committed: what a transaction that has nothing in common with the others commits late, comes
///   late.
/// - **Several relays at a time**, in one program or in many: a key is with one of them at a time, and none
///   waits for another.
///
/// The function is called while a transaction is open, for several keys at once: it should be quick, and give
/// up in time (`tokio::time::timeout`). If the connection of that transaction is lost, the server lets the keys go,
/// and another relay may begin with the same events: what the function has under way is dropped as soon as this is
/// noticed, at once where the connection is closed and within six seconds where the server is silent. What it has left
/// to others by then, such as a request or a task of its own, may overlap with the other relay, as may a function that
/// blocks its thread; the receiver can tell by the [`Message::id`].
///
/// ```no_run
/// # use persist_runtime as persist;
/// # use persist::{Database, Error};
/// # async fn send(_: &str, _: &str) -> Result<(), Error> { Ok(()) }
/// use persist::outbox::{Message, Relay};
///
/// # async fn example(db: Database, shutdown: impl Future) -> Result<(), Error> {
/// let relay = Relay::new(&db).listen("events");
/// let handler = async |message: Message| send(&message.topic, &message.payload).await;
/// relay.run(handler, shutdown).await?; // such as tokio::signal::ctrl_c()
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a relay does nothing until one of its methods such as `run` is awaited"]
pub struct Relay {
    pool: Pool,
    keys: u32,
    events_per_key: u32,
    poll_interval: Duration,
    retry_delay: (Duration, Duration),
    channel: Option<String>,
    told: WaitCallback,
    /// The last key that was looked at: the next batch begins after it, so that every key has its turn.
    after: Mutex<Option<String>>,
}

const NO_LISTENER: &str = "`listen` needs a connection of its own, and a pool that was given opens none that is not its own: leave \
                           it out, or make the relay of a database by `Database::builder`";

/// What one batch came to.
///
/// ```no_run
/// # use persist_runtime as persist;
/// use persist::outbox::{Handed, Message, Relay};
///
/// # async fn example(relay: Relay) -> Result<(), persist::Error> {
/// let handler = async |_: Message| Ok::<(), std::io::Error>(());
/// // All that waits, then no more.
/// while relay.run_once(handler).await? != Handed::default() {}
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handed {
    /// Events that the function took.
    pub done: usize,
    /// Events on which it failed: one of a key at most, for the later ones wait.
    pub failed: usize,
}

impl Relay {
    /// A relay with the default settings.
    pub(crate) fn on(pool: Pool) -> Relay {
        Relay {
            pool,
            keys: 10,
            events_per_key: 100,
            poll_interval: Duration::from_secs(1),
            retry_delay: (Duration::from_secs(1), Duration::from_secs(60)),
            channel: None,
            told: WaitCallback::default(),
            after: Mutex::default(),
        }
    }

    /// How many keys are in a batch: so many calls of the function are under way at once.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).keys(50);
    /// # }
    /// ```
    pub fn keys(self, keys: u32) -> Relay {
        Relay { keys: keys.max(1), ..self }
    }

    /// How many events of a key are in a batch at most.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).events_per_key(10);
    /// # }
    /// ```
    pub fn events_per_key(self, events: u32) -> Relay {
        Relay { events_per_key: events.max(1), ..self }
    }

    /// How long [`run`](Self::run) waits where there was nothing to do.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).poll_interval(Duration::from_millis(200));
    /// # }
    /// ```
    pub fn poll_interval(self, interval: Duration) -> Relay {
        Relay { poll_interval: interval, ..self }
    }

    /// How long an event waits after the function has failed on it: `first`, then twice as long each time, at
    /// most `longest`.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).retry_delay(Duration::from_secs(2), Duration::from_secs(10));
    /// # }
    /// ```
    pub fn retry_delay(self, first: Duration, longest: Duration) -> Relay {
        Relay { retry_delay: (first, longest), ..self }
    }

    /// Goes on at once when something is sent to this channel of PostgreSQL's `NOTIFY`, besides polling.
    ///
    /// It takes a connection of its own, which must lead to the server itself, not to a pooler of
    /// transactions. Nothing is sent to the channel by itself, because transactions with a `NOTIFY` in them
    /// commit one after another, in the whole database: send `SELECT pg_notify('events', '')` after a commit,
    /// or by a trigger of the table if that is not too many.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).listen("events");
    /// # }
    /// ```
    pub fn listen(self, channel: impl Into<String>) -> Relay {
        Relay { channel: Some(channel.into()), ..self }
    }

    /// Tells why [`run`](Self::run) waits: each time that something failed which may pass.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(db: &persist::Database) {
    /// let relay = persist::outbox::Relay::new(db).on_wait(|error| eprintln!("the relay waits: {error}"));
    /// # }
    /// ```
    pub fn on_wait(self, tell: impl Fn(&Error) + Send + Sync + 'static) -> Relay {
        Relay { told: WaitCallback(Some(Box::new(tell))), ..self }
    }

    /// Hands on events as they come, until `shutdown` is ready; the batch under way is brought to its end.
    ///
    /// Whatever may pass is waited for, and tried again once in a poll interval or a second, whichever is less: a server
    /// that cannot be reached, is full, starts, has become a standby or was changed meanwhile, a pooler that mixes
    /// something up. [`on_wait`](Self::on_wait) hears of it. What the function answers besides `Ok` is dropped: let it
    /// write its own log.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::outbox::{Message, Relay};
    ///
    /// # async fn example(relay: Relay, shutdown: impl Future) -> Result<(), persist::Error> {
    /// let handler = async |message: Message| {
    ///     println!("{}: {}", message.topic, message.payload);
    ///     Ok::<(), std::io::Error>(())
    /// };
    /// relay.run(handler, shutdown).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What trying again does not help: the table does not exist or has other columns, the user may not change it, the
    /// pool was closed. Also where the server refuses the user or TLS, or has no such database, unless that has worked
    /// before in this run.
    pub async fn run<H, F, E>(&self, handler: H, shutdown: impl Future) -> Result<(), Error>
    where
        H: FnOnce(Message) -> F + Clone,
        F: Future<Output = Result<(), E>>,
    {
        let mut shutdown = pin!(shutdown.map(drop));
        let (mut listener, mut patience) = (None, Patience::new(&self.told));
        loop {
            // What was sent before it listens is found by looking.
            if let (Some(channel), None) = (&self.channel, &listener) {
                let connector = self.pool.connector().ok_or_else(|| Error::configuration(NO_LISTENER))?;
                listener = patience.judge(Listener::open(connector, channel).await)?;
            }
            let batch = self.batch(handler.clone(), || patience.worked()).await;
            let handed = patience.judge(batch)?;
            if handed.is_some_and(|handed| handed.done + handed.failed > 0) {
                if shutdown.as_mut().now_or_never().is_some() {
                    return Ok(());
                }
                continue;
            }
            let has_failed = handed.is_none() || listener.is_some() != self.channel.is_some();
            let waiting = pin!(self.wait(has_failed, &mut listener));
            match select(shutdown.as_mut(), waiting).await {
                Either::Left(_) => return Ok(()),
                // That it has slept is no success: the server may never have let it in.
                Either::Right((Ok(()), _)) => {}
                Either::Right((Err(lost), _)) => drop(patience.judge::<()>(Err(lost))?),
            }
        }
    }

    /// Hands on one batch of what waits. Nothing was done and nothing failed: nothing waits, or others are at
    /// it.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::outbox::{Message, Relay};
    ///
    /// # async fn example(relay: Relay) -> Result<(), persist::Error> {
    /// let handler = async |_: Message| Ok::<(), std::io::Error>(());
    /// let handed = relay.run_once(handler).await?;
    /// println!("{} done, {} failed", handed.done, handed.failed);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A statement failed: what was handed on by this batch will be handed on again.
    pub async fn run_once<H, F, E>(&self, handler: H) -> Result<Handed, Error>
    where
        H: FnOnce(Message) -> F + Clone,
        F: Future<Output = Result<(), E>>,
    {
        self.batch(handler, || ()).await
    }

    /// One batch; tells when the server has answered for the first time.
    async fn batch<H, F, E>(&self, handler: H, answered: impl FnOnce()) -> Result<Handed, Error>
    where
        H: FnOnce(Message) -> F + Clone,
        F: Future<Output = Result<(), E>>,
    {
        let transaction = Transaction::new(self.pool.clone(), Terms::default());
        let queues = self.take(&Session::of_transaction(&transaction, None)).await?;
        answered();
        if queues.is_empty() {
            transaction.roll_back().await?;
            return Ok(Handed::default());
        }
        let delay = |attempts| self.delay(attempts);
        let handing = queues.into_iter().map(|queue| hand(handler.clone(), queue, delay));
        let outcomes = while_held(&transaction, join_all(handing)).await?;
        let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
        batch::end(&transaction, &outcomes).await?;
        let failed = outcomes.iter().filter(|outcome| outcome.delay.is_some()).count();
        Ok(Handed { done: outcomes.len() - failed, failed })
    }

    /// Deletes events that were handed on longer ago than this, 10,000 in a statement; answers how many.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    ///
    /// # async fn example(relay: persist::outbox::Relay) -> Result<(), persist::Error> {
    /// let a_week = Duration::from_secs(7 * 24 * 60 * 60);
    /// println!("{} old events deleted", relay.purge(a_week).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// A statement failed; what was deleted before is deleted.
    pub async fn purge(&self, age: Duration) -> Result<u64, Error> {
        let mut purged = 0;
        loop {
            match batch::purge(&Session::borrowed(&self.pool), age).await? {
                0 => return Ok(purged),
                more => purged += more,
            }
        }
    }

    /// Takes the next queues, and begins with the first key again where there is none after the last.
    async fn take(&self, session: &Session<'_>) -> Result<Vec<Vec<Message>>, Error> {
        let after = std::mem::take(&mut *lock(&self.after));
        let mut share = Share { after: after.as_deref(), keys: i64::from(self.keys) };
        let mut keys = batch::hold(session, &share).await?;
        if keys.is_empty() && after.is_some() {
            share.after = None;
            keys = batch::hold(session, &share).await?;
        }
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // A batch that is not full has reached the last key.
        if keys.len() >= self.keys as usize {
            *lock(&self.after) = keys.last().cloned();
        }
        batch::read(session, &keys, i64::from(self.events_per_key)).await
    }

    fn delay(&self, attempts: u32) -> Duration {
        let (first, longest) = self.retry_delay;
        first.saturating_mul(2_u32.saturating_pow(attempts)).min(longest)
    }

    /// Waits for the poll interval or a notification; after a failure not for long.
    async fn wait(&self, has_failed: bool, listener: &mut Option<Listener>) -> Result<(), Error> {
        let soon = self.poll_interval.min(SECOND);
        let pause = if has_failed { soon } else { self.poll_interval };
        let Some(listening) = listener else {
            tokio::time::sleep(pause).await;
            return Ok(());
        };
        let Ok(Err(lost)) = tokio::time::timeout(pause, listening.notified()).await else { return Ok(()) };
        *listener = None;
        tokio::time::sleep(soon).await;
        Err(lost)
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing that can panic runs under it.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
