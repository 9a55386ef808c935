//! A database: a handle to the pool that is cheap to clone.

use std::fmt;
use std::future::Future;

use crate::entity::traits::Entity;
use crate::error::Error;
use crate::error::UnknownCommit;
use crate::outbox::relay::Relay;
use crate::session::link::Session;
use crate::session::terms::Terms;
use crate::session::token;
use crate::session::transaction::Transaction;
use crate::unit_of_work::builder::UnitOfWorkBuilder;
use crate::unit_of_work::transact::{Repeatable, Work, transacted};
use crate::unit_of_work::unit::UnitOfWork;
use crate::wire::builder::DatabaseBuilder;
#[cfg(feature = "deadpool-postgres")]
use crate::wire::config::Config;
use crate::wire::pool::{Pool, PoolStatus};

/// A database and the pool of connections to it. Clones share the pool.
///
/// ```no_run
/// # use persist_runtime as persist;
/// use persist::Database;
///
/// # async fn example() -> Result<(), persist::Error> {
/// let db = Database::connect("postgresql://app@db.example.com/shop").await?;
/// println!("{} of {} connections are open", db.status().size, db.status().max_size);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Database {
    pool: Pool,
}

impl Database {
    /// Connects to `postgresql://user:password@host:port/database`.
    ///
    /// One connection is opened at once, so that a wrong setting shows here. Off the Unix socket TLS with a
    /// trusted certificate is the default (`sslmode=verify-full`); `?sslmode=disable` turns it off.
    ///
    /// # Errors
    ///
    /// [`is_configuration`](Error::is_configuration) if the URL cannot be read,
    /// [`is_connect`](Error::is_connect) if no server answers,
    /// [`is_authentication`](Error::is_authentication), [`is_unknown_database`](Error::is_unknown_database),
    /// [`is_tls`](Error::is_tls).
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::connect("postgresql://app:secret@localhost/shop?sslmode=disable").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn connect(url: &str) -> Result<Database, Error> {
        Database::builder().url(url).connect().await
    }

    /// Connects as the environment says: `DATABASE_URL`, and libpq's `PGHOST`, `PGPORT`, `PGUSER`,
    /// `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT` and `PGAPPNAME` for what it does not mention.
    ///
    /// # Errors
    ///
    /// As [`Database::connect`].
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::from_env().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn from_env() -> Result<Database, Error> {
        Database::builder().from_env().connect().await
    }

    /// Over a pool that the program has already, and goes on to use besides; with the default settings. See
    /// [`DatabaseBuilder::from_pool`] for what is another than over a pool of this library, and for settings.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example(pool: deadpool_postgres::Pool) -> Result<(), persist::Error> {
    /// let db = persist::Database::from_pool(pool.clone());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "deadpool-postgres")]
    pub fn from_pool(pool: deadpool_postgres::Pool) -> Database {
        Database { pool: Pool::lent(pool, &Config::default()) }
    }

    /// All settings, each with a default.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::builder().database("shop").pool_size(20).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> DatabaseBuilder {
        DatabaseBuilder::default()
    }

    /// The repository of an entity. It is cheap to make: get one wherever it is needed.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Entity, Error};
    ///
    /// async fn exists<E: Entity>(db: &Database, key: E::Key) -> Result<bool, Error> {
    ///     Ok(db.repository::<E>().find(key).await?.is_some())
    /// }
    /// ```
    pub fn repository<E: Entity>(&self) -> E::Repository<'_> {
        Session::from(self).repository::<E>()
    }

    /// A repository that owns its handle to the database, to be kept in a program's state.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Entity};
    ///
    /// struct State<E: Entity> {
    ///     rows: E::Repository<'static>,
    /// }
    ///
    /// fn state<E: Entity>(db: &Database) -> State<E> {
    ///     State { rows: db.shared_repository::<E>() }
    /// }
    /// ```
    pub fn shared_repository<E: Entity>(&self) -> E::Repository<'static> {
        Session::from(self.clone()).repository::<E>()
    }

    /// A unit of work: what is read and written in it is one transaction. Costs nothing until the first
    /// statement.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Sql};
    ///
    /// # async fn example(db: &Database) -> Result<(), persist::Error> {
    /// let uow = db.unit_of_work();
    /// Sql::unchecked("UPDATE stock SET pieces = pieces - 1").execute(&uow).await?;
    /// Sql::unchecked("INSERT INTO sales DEFAULT VALUES").execute(&uow).await?;
    /// uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unit_of_work(&self) -> UnitOfWork<'static> {
        UnitOfWork::new(Transaction::new(self.pool.clone(), Terms::default()))
    }

    /// A unit of work with settings: isolation level, time-outs, token, retries.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Isolation};
    ///
    /// # async fn example(db: &Database) -> Result<(), persist::Error> {
    /// let uow = db.unit_of_work_builder().isolation(Isolation::RepeatableRead).read_only().build();
    /// # uow.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn unit_of_work_builder(&self) -> UnitOfWorkBuilder {
        UnitOfWorkBuilder::new(self.pool.clone())
    }

    /// Runs a closure in a unit of work: commits if it answers `Ok`, rolls back if it answers `Err`.
    ///
    /// The whole closure is run again, in a new transaction and after a random pause, when the transaction
    /// lost a race (SQLSTATE 40001 and 40P01, also when COMMIT itself says so) or its connection was lost
    /// before COMMIT was sent (then the server may also be away for a while); see [`Retry`](crate::Retry). So
    /// it must do nothing that cannot be done twice, other than through the unit of work: what is to be done
    /// once belongs into [`after_commit`](UnitOfWork::after_commit). A commit of which it is unknown whether
    /// it happened is never tried again.
    ///
    /// To roll back for a reason of your own, return [`Error::other`], or use
    /// [`try_transact`](Self::try_transact).
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Sql};
    ///
    /// # async fn example(db: &Database) -> Result<(), persist::Error> {
    /// let left: i64 = db
    ///     .transact(async |uow| {
    ///         Sql::unchecked("UPDATE stock SET pieces = pieces - 1").execute(uow).await?;
    ///         Sql::unchecked("SELECT sum(pieces)::bigint FROM stock").one(uow).await
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the closure, and those of [`UnitOfWork::commit`].
    pub fn transact<T, F>(&self, work: F) -> impl Future<Output = Result<T, Error>> + Send
    where
        F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, Error>, Fut: Send> + Repeatable + Send,
        T: Send,
    {
        self.try_transact(work)
    }

    /// The same for a closure with an error of its own. What is tried again is decided by what the unit of
    /// work has seen, not by that error.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::{Database, Sql};
    ///
    /// enum Refused {
    ///     SoldOut,
    ///     Failed(persist::Error),
    /// }
    ///
    /// impl From<persist::Error> for Refused {
    ///     fn from(error: persist::Error) -> Refused {
    ///         Refused::Failed(error)
    ///     }
    /// }
    ///
    /// # async fn example(db: &Database) -> Result<(), Refused> {
    /// db.try_transact(async |uow| {
    ///     let sql = Sql::unchecked("UPDATE stock SET pieces = pieces - 1 WHERE pieces > 0");
    ///     match sql.execute(uow).await? {
    ///         0 => Err(Refused::SoldOut),
    ///         _ => Ok(()),
    ///     }
    /// })
    /// .await
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the closure, and those of [`UnitOfWork::commit`].
    pub fn try_transact<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, E>, Fut: Send> + Repeatable + Send,
        E: From<Error> + Send,
        T: Send,
    {
        transacted(self.unit_of_work_builder(), work)
    }

    /// How full the pool is.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # fn example(db: &persist::Database) {
    /// let status = db.status();
    /// if status.waiting > 0 {
    ///     println!("{} callers wait, {} connections are in use", status.waiting, status.in_use);
    /// }
    /// # }
    /// ```
    pub fn status(&self) -> PoolStatus {
        self.pool.status()
    }

    /// Closes the idle connections at once and the others as they come back. From now on every call fails
    /// with [`is_pool_closed`](Error::is_pool_closed).
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::from_env().await?;
    /// db.close();
    /// let error = persist::Sql::unchecked("SELECT 1").execute(&db).await.unwrap_err();
    /// assert!(error.is_pool_closed());
    /// # Ok(())
    /// # }
    /// ```
    pub fn close(&self) {
        self.pool.close();
    }
}

impl DatabaseBuilder {
    /// Opens the pool and its first connection.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::builder().host("localhost").database("shop").connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Database::connect`].
    pub async fn connect(self) -> Result<Database, Error> {
        let pool = self.pool()?;
        drop(pool.acquire().await?);
        Ok(Database { pool })
    }
}

#[cfg(feature = "deadpool-postgres")]
impl DatabaseBuilder {
    /// Over a pool that the program has already, and goes on to use besides. Nothing is sent. Of the settings of this
    /// builder `statement_timeout`, `statement_mode`, `statement_cache`, `acquire_timeout` and `cursor_secret` count; all
    /// about connections is said to the pool itself.
    ///
    /// The guide says what is another than over a pool of this library: the page about
    /// [connections](https://docs.rs/persist-postgres/latest/persist/guide/connections/index.html).
    ///
    /// [`Database::close`] closes the handle only, not the pool.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use std::time::Duration;
    /// use deadpool_postgres::{Manager, Pool, Runtime};
    /// use persist::Database;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut config: tokio_postgres::Config = "host=localhost user=app dbname=shop".parse()?;
    /// config.options("-c TimeZone=UTC");
    /// let pool = Pool::builder(Manager::new(config, tokio_postgres::NoTls)).runtime(Runtime::Tokio1).build()?;
    /// let db = Database::builder().acquire_timeout(Duration::from_secs(3)).from_pool(pool.clone())?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`is_configuration`](Error::is_configuration) if a setting of this builder is about connections.
    pub fn from_pool(self, pool: deadpool_postgres::Pool) -> Result<Database, Error> {
        Ok(Database { pool: self.lent(pool)? })
    }
}

impl Relay {
    /// A relay of the events in a database: batches of 10 keys with up to 100 events each, polled for once a
    /// second; what failed is tried again after 1 second, then 2, 4, …, at most a minute.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// use persist::outbox::Relay;
    ///
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::connect("postgresql://localhost/shop").await?;
    /// let relay = Relay::new(&db).keys(50);
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(db: &Database) -> Relay {
        Relay::on(db.pool.clone())
    }
}

impl UnknownCommit {
    /// Finds out whether the unit of work was committed: `true` if it was, `false` if it was not and never
    /// will be. It can be asked again and again, also by several at a time, and the answer stays the same.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # use persist::{Database, Error, UnitOfWork};
    /// # async fn example(db: &Database, uow: UnitOfWork<'static>) -> Result<(), Error> {
    /// let committed = match uow.commit().await {
    ///     Err(error) => match error.unknown_commit() {
    ///         Some(unknown) => unknown.resolve(db).await?,
    ///         None => return Err(error),
    ///     },
    ///     Ok(_) => true,
    /// };
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`is_commit_unknown`](Error::is_commit_unknown) if that is not known yet: the server cannot be
    /// reached, does not accept writes, or the unit of work is still about to end there. Any other error
    /// means that it never can: more than 24 hours have passed.
    pub async fn resolve(&self, db: &Database) -> Result<bool, Error> {
        token::ask(&db.pool, self).await
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("status", &self.status()).finish()
    }
}

impl<'a> From<&'a Database> for Session<'a> {
    fn from(database: &'a Database) -> Session<'a> {
        Session::borrowed(&database.pool)
    }
}

impl From<Database> for Session<'static> {
    fn from(database: Database) -> Session<'static> {
        Session::shared(database.pool)
    }
}
