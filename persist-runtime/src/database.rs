//! A database: the pool behind a handle that is cheap to clone.

use std::fmt;

use crate::builder::DatabaseBuilder;
use crate::entity::Entity;
use crate::error::Error;
use crate::pool::{Pool, PoolStatus};
use crate::session::Session;
use crate::transaction::Transaction;
use crate::unit_of_work::UnitOfWork;

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
    /// One connection is opened at once, so that a wrong setting shows here. Off the Unix socket TLS with a trusted
    /// certificate is the default (`sslmode=verify-full`); `?sslmode=disable` turns it off.
    ///
    /// # Errors
    ///
    /// [`is_configuration`](Error::is_configuration) if the URL cannot be read, [`is_connect`](Error::is_connect) if
    /// no server answers, [`is_authentication`](Error::is_authentication),
    /// [`is_unknown_database`](Error::is_unknown_database), [`is_tls`](Error::is_tls).
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

    /// Connects as the environment says: `DATABASE_URL`, and libpq's `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`,
    /// `PGDATABASE`, `PGSSLMODE`, `PGSSLROOTCERT` and `PGAPPNAME` for what it does not mention.
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

    /// All settings, each with a default.
    ///
    /// ```no_run
    /// # use persist_runtime as persist;
    /// # async fn example() -> Result<(), persist::Error> {
    /// let db = persist::Database::builder().host("localhost").database("shop").pool_size(20).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> DatabaseBuilder {
        DatabaseBuilder::default()
    }

    /// The repository of an entity. It is cheap to make: get one wherever it is needed.
    pub fn repository<E: Entity>(&self) -> E::Repository<'_> {
        Session::from(self).repository::<E>()
    }

    /// A repository that owns its handle to the database, to be kept in a program's state.
    pub fn shared_repository<E: Entity>(&self) -> E::Repository<'static> {
        Session::from(self.clone()).repository::<E>()
    }

    /// A unit of work: what is read and written in it is one transaction. Costs nothing until the first statement.
    pub fn unit_of_work(&self) -> UnitOfWork<'static> {
        UnitOfWork::new(Transaction::new(self.pool.clone()))
    }

    /// How full the pool is.
    pub fn status(&self) -> PoolStatus {
        self.pool.status()
    }

    /// Closes the idle connections at once and the others as they come back. From now on every call fails with
    /// [`is_pool_closed`](Error::is_pool_closed).
    pub fn close(&self) {
        self.pool.close();
    }
}

impl DatabaseBuilder {
    /// Opens the pool and its first connection.
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
