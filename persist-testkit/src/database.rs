use crate::cluster::{config, connect};
use crate::error::{Error, Result};
use crate::migrations::Migrations;
use crate::shared_server::SharedServer;
use std::path::Path;
use tokio_postgres::{Client, Config};

/// A database that belongs to one test; dropped with this value.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use persist_testkit::TestDatabase;
///
/// let database = TestDatabase::new().await;
/// let client = database.client().await;
/// let row = client.query_one("SELECT count(*) FROM pipelines", &[]).await.unwrap();
/// assert_eq!(row.get::<_, i64>(0), 0);
/// # }
/// ```
///
/// All databases of a process are on one server, which the first of them starts. Those with the same
/// migrations are cloned from one template, so that a test waits some 30 ms and not for every migration.
///
/// With `DATABASE_URL` set that server is used, whose user must be allowed to create databases. There is no
/// template then, since nothing that outlives the tests is left there; what a killed run has left, the next
/// one drops.
#[derive(Debug)]
#[must_use = "the database is dropped with this value"]
pub struct TestDatabase {
    server: &'static SharedServer,
    name: String,
    url: String,
}

impl TestDatabase {
    /// A database that holds the sample domain: the migrations of the folder `schema/` of this repository.
    ///
    /// # Panics
    ///
    /// If it cannot be had; the message says why and what to do.
    pub async fn new() -> Self {
        Self::try_new().await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`new`](Self::new), for programs that are no tests.
    ///
    /// # Errors
    ///
    /// If there is no server to be found or started, or a migration fails.
    pub async fn try_new() -> std::result::Result<Self, Error> {
        Self::create(&Migrations::sample_domain()?).await
    }

    /// A database that holds the migrations of another folder, or of a single file, in the layout of whatever tool applies
    /// them: that which the derive reads. They are applied in its order, the way up only, each file as one transaction unless it
    /// holds what cannot be in one (`CREATE INDEX CONCURRENTLY`, `ALTER TYPE … ADD VALUE`) or says so; the data of a dump
    /// is copied, and a ledger of the tool's own that they name is there.
    ///
    /// # Panics
    ///
    /// Like [`new`](Self::new).
    pub async fn with_schema(folder: impl AsRef<Path>) -> Self {
        let created = async { Self::create(&Migrations::from_folder(folder.as_ref())?).await };
        created.await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A database to which some SQL has been applied.
    ///
    /// # Panics
    ///
    /// Like [`new`](Self::new).
    pub async fn with_sql(sql: &str) -> Self {
        Self::create(&Migrations::from_sql(sql)).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// An empty database.
    ///
    /// # Panics
    ///
    /// Like [`new`](Self::new).
    pub async fn empty() -> Self {
        Self::create(&Migrations::none()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn create(migrations: &Migrations) -> Result<Self> {
        let server = SharedServer::get().await?;
        let name = server.create(migrations).await?;
        let url = server.url_of(&name);
        Ok(Self { server, name, url })
    }

    /// Where the database is, with everything that is needed to connect.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The name of the database, which no other has.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same as [`url`](Self::url), for the driver.
    pub fn config(&self) -> Config {
        config(&self.url).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A plain connection, beside whatever is tested.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub async fn client(&self) -> Client {
        connect(&self.config()).await.unwrap_or_else(|error| panic!("{error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.server.drop_database(&self.name);
    }
}
