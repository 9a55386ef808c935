use crate::error::{Error, Result, describe};
use crate::migrations::Migrations;
use crate::server::{Server, ServerOptions};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres::{Client, Config, NoTls};

/// A PostgreSQL server of its own, for tests that stop it, kill it, or need it set up in a special way.
///
/// Tests that only need a database take a [`TestDatabase`](crate::TestDatabase), which is much cheaper. Its
/// user is `postgres`, a superuser; the database `postgres` is empty. Dropping the cluster stops the server
/// and removes its files. A failure to start it is a panic, which is what a test wants.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let cluster = persist_testkit::Cluster::new().await;
/// cluster.client().await.batch_execute("CREATE TABLE t (a int)").await.unwrap();
/// cluster.kill().await;
/// cluster.start().await;
/// cluster.client().await.batch_execute("SELECT a FROM t").await.unwrap();
/// # }
/// ```
pub struct Cluster {
    server: Arc<Server>,
    password: Option<String>,
}

/// Says how a [`Cluster`] is set up, before it starts.
#[derive(Debug, Clone, Default)]
#[must_use = "nothing starts before `start` is called"]
pub struct ClusterBuilder(ServerOptions);

impl ClusterBuilder {
    /// Listens on a free port of 127.0.0.1 too; [`Cluster::url`] then names that port instead of the socket.
    pub fn tcp(mut self) -> Self {
        self.0.tcp = true;
        self
    }

    /// Asks every connection for this password of the user `postgres`, by SCRAM.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.0.password = Some(password.into());
        self
    }

    /// Offers TLS with a certificate for `localhost` and `127.0.0.1`; includes [`tcp`](Self::tcp). Clients
    /// have to trust [`Cluster::certificate`].
    pub fn tls(mut self) -> Self {
        self.0.tls = true;
        self.tcp()
    }

    /// Lets nobody in by TCP who does not show [`Cluster::client_certificate`]; includes [`tls`](Self::tls).
    pub fn client_certificates(mut self) -> Self {
        self.0.client_certificates = true;
        self.tls()
    }

    /// A line of `postgresql.conf`.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.settings.push((name.into(), value.into()));
        self
    }

    /// Starts the server.
    ///
    /// # Panics
    ///
    /// If it does not start; the message says why and, where a package is missing, how to install it.
    pub async fn start(self) -> Cluster {
        self.try_start().await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn try_start(self) -> Result<Cluster> {
        let password = self.0.password.clone();
        let server = blocking(move || Server::start(&self.0)).await?;
        Ok(Cluster { server: Arc::new(server), password })
    }
}

impl Cluster {
    /// A server on a Unix socket that asks for no password.
    ///
    /// # Panics
    ///
    /// Like [`ClusterBuilder::start`].
    pub async fn new() -> Self {
        Self::builder().start().await
    }

    /// For a server with passwords, TLS, a TCP port or settings of its own.
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder::default()
    }

    /// Of the database `postgres`. Stays the same when the server is stopped and started.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Of another database of this server.
    pub fn url_of(&self, database: &str) -> String {
        let password =
            self.password.as_deref().map(|word| format!(":{}", percent_encoded(word))).unwrap_or_default();
        match self.server.port() {
            Some(port) => format!("postgresql://postgres{password}@127.0.0.1:{port}/{database}"),
            None => {
                let folder = percent_encoded(&self.server.folder().to_string_lossy());
                format!("postgresql://postgres{password}@{folder}/{database}")
            }
        }
    }

    /// The same as [`url`](Self::url), for the driver.
    pub fn config(&self) -> Config {
        config(&self.url()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// A plain connection, beside whatever is tested. Not encrypted.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub async fn client(&self) -> Client {
        connect(&self.config()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Applies the `*.sql` files of a folder to the database `postgres`, in the order of their numbers.
    ///
    /// # Panics
    ///
    /// If a file cannot be read or applied; the message names it and the line.
    pub async fn migrate(&self, folder: impl AsRef<Path>) {
        self.apply(Migrations::from_folder(folder.as_ref())).await;
    }

    /// Applies the migrations of the sample domain to the database `postgres`.
    ///
    /// # Panics
    ///
    /// Like [`migrate`](Self::migrate).
    pub async fn migrate_sample_domain(&self) {
        self.apply(Migrations::sample_domain()).await;
    }

    async fn apply(&self, migrations: Result<Migrations>) {
        let client = self.client().await;
        match migrations {
            Ok(migrations) => migrations.apply(&client).await.unwrap_or_else(|error| panic!("{error}")),
            Err(error) => panic!("{error}"),
        }
    }

    /// The server's certificate as PEM, if it was built with [`tls`](ClusterBuilder::tls). It is signed by
    /// itself.
    pub fn certificate(&self) -> Option<&str> {
        self.server.certificate()
    }

    /// The certificate of the user `postgres` and its key as PEM, if it was built with
    /// [`client_certificates`](ClusterBuilder::client_certificates).
    pub fn client_certificate(&self) -> Option<(&str, &str)> {
        self.server.client_certificate()
    }

    /// Shuts the server down as an operator would: connected clients get an error 57P01.
    ///
    /// # Panics
    ///
    /// If it is not running.
    pub async fn stop(&self) {
        self.with_server(|server| server.stop("fast")).await;
    }

    /// Ends all processes of the server by SIGKILL: clients get no message, the next start recovers.
    ///
    /// # Panics
    ///
    /// If it is not running.
    pub async fn kill(&self) {
        self.with_server(Server::kill).await;
    }

    /// Starts the server again after [`stop`](Self::stop) or [`kill`](Self::kill), and waits until it
    /// answers.
    ///
    /// # Panics
    ///
    /// If it does not start; the message has the end of its log.
    pub async fn start(&self) {
        self.with_server(Server::launch).await;
    }

    async fn with_server(&self, job: impl FnOnce(&Server) -> Result<()> + Send + 'static) {
        let server = Arc::clone(&self.server);
        blocking(move || job(&server)).await.unwrap_or_else(|error| panic!("{error}"));
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("folder", &self.server.folder()).finish_non_exhaustive()
    }
}

pub(crate) fn config(url: &str) -> Result<Config> {
    url.parse().map_err(|error| {
        Error::new(format!("the address of the database cannot be read: {}", describe(&error)))
    })
}

/// The connection lives on the runtime of the caller.
pub(crate) async fn connect(config: &Config) -> Result<Client> {
    let (client, connection) = config
        .connect(NoTls)
        .await
        .map_err(|error| Error::new(format!("cannot connect to the test server: {}", describe(&error))))?;
    tokio::spawn(connection);
    Ok(client)
}

pub(crate) async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|error| Err(Error::new(error.to_string())))
}

pub(crate) fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}
