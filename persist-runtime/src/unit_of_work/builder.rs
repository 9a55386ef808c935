//! The settings of a unit of work.

use std::time::Duration;

use crate::session::terms::Terms;
use crate::session::token::Token;
use crate::session::transaction::Transaction;
use crate::unit_of_work::retry::{Attempts, Observer, Retry, Retrying};
use crate::unit_of_work::unit::UnitOfWork;
use crate::wire::pool::Pool;
use crate::wire::transaction_start::{Isolation, Modes, Setting, TransactionStart};

/// Settings of a unit of work, by [`Database::unit_of_work_builder`](crate::Database::unit_of_work_builder).
///
/// They hold for its transaction only: they are sent with BEGIN, and cost no round trip.
///
/// ```no_run
/// # use persist_runtime as persist;
/// use std::time::Duration;
/// use persist::{Database, Isolation};
///
/// # async fn example(db: &Database) -> Result<(), persist::Error> {
/// let uow = db
///     .unit_of_work_builder()
///     .isolation(Isolation::Serializable)
///     .lock_timeout(Duration::from_millis(500))
///     .build();
/// # uow.commit().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "call `build` or `transact`"]
pub struct UnitOfWorkBuilder {
    pool: Pool,
    isolation: Isolation,
    is_read_only: bool,
    is_deferrable: bool,
    statement_timeout: Option<Duration>,
    lock_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    has_token: bool,
    retry: Retry,
    observer: Option<Observer>,
}

/// A unit of work with a token is ended by the server when it does nothing for so long: else the one that
/// asks for the token would wait for it.
const IDLE_WITH_TOKEN: Duration = Duration::from_secs(60);

impl UnitOfWorkBuilder {
    pub(crate) fn new(pool: Pool) -> Self {
        UnitOfWorkBuilder {
            pool,
            isolation: Isolation::default(),
            is_read_only: false,
            is_deferrable: false,
            statement_timeout: None,
            lock_timeout: None,
            idle_timeout: None,
            has_token: false,
            retry: Retry::default(),
            observer: None,
        }
    }

    /// What it sees of other transactions; READ COMMITTED by default.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Isolation;
    ///
    /// let uow = db.unit_of_work_builder().isolation(Isolation::RepeatableRead).build();
    /// let pipelines = uow.repository::<Pipeline>().count().await?;
    /// let steps = uow.repository::<Step>().count().await?; // at the same moment
    /// # Ok(())
    /// # }
    /// ```
    pub fn isolation(self, isolation: Isolation) -> Self {
        UnitOfWorkBuilder { isolation, ..self }
    }

    /// The server refuses all that would write.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// let uow = db.unit_of_work_builder().read_only().build();
    /// let nightly = uow.repository::<Pipeline>().filter(|p| p.name.eq("nightly")).first().await?;
    /// uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_only(self) -> Self {
        UnitOfWorkBuilder { is_read_only: true, ..self }
    }

    /// If it is read only and serializable, it waits until it can run without ever being a serialization
    /// failure.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database) -> Result {
    /// use persist::Isolation;
    ///
    /// let report = db.unit_of_work_builder().isolation(Isolation::Serializable).read_only().deferrable().build();
    /// let failed = report.repository::<Execution>().filter(|e| e.status.eq(Status::Failed)).count().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn deferrable(self) -> Self {
        UnitOfWorkBuilder { is_deferrable: true, ..self }
    }

    /// The server ends a statement that takes longer; zero: none.
    ///
    /// ```
    /// # fn example(db: &persist::Database) {
    /// use std::time::Duration;
    ///
    /// let uow = db.unit_of_work_builder().statement_timeout(Duration::from_secs(2)).build();
    /// # }
    /// ```
    pub fn statement_timeout(self, limit: Duration) -> Self {
        UnitOfWorkBuilder { statement_timeout: Some(limit), ..self }
    }

    /// The server ends a statement that waits longer for a lock; zero: none.
    ///
    /// ```
    /// # fn example(db: &persist::Database) {
    /// use std::time::Duration;
    ///
    /// let uow = db.unit_of_work_builder().lock_timeout(Duration::from_millis(500)).build();
    /// # }
    /// ```
    pub fn lock_timeout(self, limit: Duration) -> Self {
        UnitOfWorkBuilder { lock_timeout: Some(limit), ..self }
    }

    /// The server closes the connection if nothing is asked of it for so long between two calls; zero: never.
    ///
    /// ```
    /// # fn example(db: &persist::Database) {
    /// use std::time::Duration;
    ///
    /// let uow = db.unit_of_work_builder().idle_timeout(Duration::from_secs(10)).build();
    /// # }
    /// ```
    pub fn idle_timeout(self, limit: Duration) -> Self {
        UnitOfWorkBuilder { idle_timeout: Some(limit), ..self }
    }

    /// Writes a row with a number of its own into `persist_token`, by which it can be found out whether the
    /// unit of work was committed when the connection is lost at that moment. [`commit`](UnitOfWork::commit)
    /// then asks by itself, for up to 5 seconds; a caller that gets
    /// [`is_commit_unknown`](crate::Error::is_commit_unknown) nevertheless can ask
    /// [later](crate::UnknownCommit::resolve).
    ///
    /// The table is yours to create, in a migration:
    ///
    /// ```sql
    /// CREATE TABLE persist_token (
    ///     id uuid PRIMARY KEY,
    ///     committed boolean NOT NULL DEFAULT true,
    ///     at timestamptz NOT NULL DEFAULT now()
    /// );
    /// ```
    ///
    /// It must not be UNLOGGED. A token can be asked for during 24 hours; delete rows that are older than 48,
    /// so that clocks may differ.
    ///
    /// Unless [`idle_timeout`](Self::idle_timeout) says another time, the server ends such a unit of work
    /// when it idles for 60 seconds. One that is read only has no token.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// let uow = db.unit_of_work_builder().with_token().build();
    /// uow.insert(NewExecution::new(id, 1))?;
    /// match uow.commit().await {
    ///     Err(error) if error.is_commit_unknown() => println!("the server is away: ask later"),
    ///     outcome => println!("execution 1 is there: {}", outcome.is_ok()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_token(self) -> Self {
        UnitOfWorkBuilder { has_token: true, ..self }
    }

    /// How often [`transact`](Self::transact) tries again; [`Retry::default`] by default.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// use persist::Retry;
    ///
    /// let impatient = db.unit_of_work_builder().retry(Retry::default().attempts(3));
    /// impatient.transact(async |uow| uow.insert(NewExecution::new(id, 1))).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry(self, retry: Retry) -> Self {
        UnitOfWorkBuilder { retry, ..self }
    }

    /// Called before each further attempt of [`transact`](Self::transact), for logs and counters.
    ///
    /// ```
    /// # fn example(db: &persist::Database) {
    /// let builder = db.unit_of_work_builder().on_retry(|retrying| {
    ///     eprintln!("attempt {}, again in {:?}: {}", retrying.attempt, retrying.delay, retrying.error);
    /// });
    /// # }
    /// ```
    pub fn on_retry(self, observer: impl Fn(&Retrying<'_>) + Send + Sync + 'static) -> Self {
        UnitOfWorkBuilder { observer: Some(Observer::new(observer)), ..self }
    }

    /// The unit of work. Costs nothing until the first statement.
    ///
    /// ```
    /// # fn example(db: &persist::Database) {
    /// let builder = db.unit_of_work_builder().read_only();
    /// let (first, second) = (builder.build(), builder.build()); // two transactions
    /// # }
    /// ```
    pub fn build(&self) -> UnitOfWork<'static> {
        UnitOfWork::new(Transaction::new(self.pool.clone(), self.terms()))
    }

    pub(super) fn attempts(&self) -> Attempts<'_> {
        Attempts::new(&self.retry, self.observer.as_ref())
    }

    fn terms(&self) -> Terms {
        let token = (self.has_token && !self.is_read_only).then(Token::new);
        Terms { start: self.start(token.is_some()), statement_timeout: self.statement_timeout, token }
    }

    fn start(&self, has_token: bool) -> TransactionStart {
        let UnitOfWorkBuilder { isolation, is_read_only, is_deferrable, .. } = *self;
        let idle = self.idle_timeout.or(has_token.then_some(IDLE_WITH_TOKEN));
        let limits = [
            ("statement_timeout", self.statement_timeout),
            ("lock_timeout", self.lock_timeout),
            ("idle_in_transaction_session_timeout", idle),
        ];
        let limits = limits.into_iter().filter_map(|(name, limit)| {
            Some(Setting { name, value: milliseconds(limit?).to_string().into() })
        });
        TransactionStart {
            modes: Some(Modes { isolation, is_read_only, is_deferrable }),
            settings: limits.collect(),
        }
    }
}

/// As the server takes it: a limit that is not zero stays one, and there is a greatest one.
fn milliseconds(limit: Duration) -> i32 {
    let whole = i32::try_from(limit.as_millis()).unwrap_or(i32::MAX);
    if limit.is_zero() { 0 } else { whole.max(1) }
}

impl std::fmt::Debug for UnitOfWorkBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWorkBuilder")
            .field("begin", &self.start(self.has_token && !self.is_read_only).text())
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}
