//! PgBouncer in front of a server.

use crate::cluster::{blocking, connect};
use crate::error::{Error, Result};
use crate::pooler;
use crate::pooler::{PORT, Program, Running};
use crate::proxy::Upstream;
use crate::server_account::ServerAccount;
use std::fmt;
use std::path::Path;
use tokio_postgres::{Client, Config};

const PROGRAM: Program = Program {
    title: "PgBouncer",
    name: "pgbouncer",
    packages: ("pgbouncer", "pgbouncer"),
    variable: "PERSIST_PGBOUNCER",
    file: "pgbouncer.ini",
    // It has no children and writes nothing that is needed later. The shell is its parent, so the number is still its own.
    script: r#"
"$1" -q "$2/pgbouncer.ini" >"$2/log" 2>&1 &
read -r word
kill -9 $!
rm -rf "$2"
"#,
};

/// A throw-away PgBouncer on a Unix socket of its own, which runs as an unprivileged user and asks for no password.
/// It goes away with this value, or with the process.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use persist_testkit::{PgBouncer, TestDatabase};
///
/// let database = TestDatabase::new().await;
/// // There is none on this machine: that was said.
/// let Some(pooler) = PgBouncer::builder().pool_size(1).start(&database).await else { return };
/// let mut processes = Vec::new();
/// for client in [pooler.client().await, pooler.client().await] {
///     let rows = client.query_typed("SELECT pg_backend_pid()", &[]).await.unwrap();
///     processes.push(rows[0].get::<_, i32>(0));
/// }
/// assert_eq!(processes[0], processes[1]);
/// # }
/// ```
pub struct PgBouncer {
    running: Running,
    version: (u32, u32),
}

/// Says how a [`PgBouncer`] is set up, before it starts.
#[derive(Debug, Clone)]
#[must_use = "nothing starts before `start` is called"]
pub struct PgBouncerBuilder {
    mode: PoolMode,
    pool_size: u32,
    max_prepared_statements: Option<u32>,
    settings: Vec<(String, String)>,
}

/// For how long a client keeps a connection to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// Until it leaves.
    Session,
    /// Until its transaction ends.
    Transaction,
    /// Until its statement ends; transactions are refused.
    Statement,
}

impl PgBouncerBuilder {
    /// Default: [`PoolMode::Transaction`].
    pub fn pool_mode(mut self, mode: PoolMode) -> Self {
        self.mode = mode;
        self
    }

    /// How many connections to the server there are for each user and database. Default: 2.
    pub fn pool_size(mut self, connections: u32) -> Self {
        self.pool_size = connections;
        self
    }

    /// How many prepared statements of its clients it keeps track of, by names of its own; 0: it does not, as all do
    /// before version 1.21, which ignore this. Default: what the version does by itself.
    pub fn max_prepared_statements(mut self, statements: u32) -> Self {
        self.max_prepared_statements = Some(statements);
        self
    }

    /// A line of the section `[pgbouncer]`.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Starts it in front of a [`TestDatabase`](crate::TestDatabase), a [`Cluster`](crate::Cluster), or what a
    /// `postgresql://…` URL names. `None` if this machine has no PgBouncer, which is said on the standard error, also
    /// where the output of tests is captured.
    ///
    /// # Panics
    ///
    /// If it does not start; the message has its log.
    pub async fn start(self, upstream: impl Into<Upstream>) -> Option<PgBouncer> {
        let program = PROGRAM.find()?;
        let upstream = upstream.into().config().clone();
        let started = blocking(move || PgBouncer::launch(&self, &program, &upstream)).await;
        Some(started.unwrap_or_else(|error| panic!("{error}")))
    }

    fn file(&self, version: (u32, u32), folder: &Path, upstream: &Config) -> Result<String> {
        let (host, port) = pooler::behind(upstream)?;
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let mut server = format!("host={} port={port}", quoted(&host));
        server += &format!(" user={}", quoted(upstream.get_user().unwrap_or("postgres")));
        if let Some(password) = upstream.get_password() {
            server += &format!(" password={}", quoted(&String::from_utf8_lossy(password)));
        }
        let mode = match self.mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
            PoolMode::Statement => "statement",
        };
        let mut settings = vec![
            ("listen_addr", String::new()),
            ("listen_port", PORT.to_string()),
            ("unix_socket_dir", folder.to_string_lossy().into_owned()),
            ("auth_type", "any".to_owned()),
            ("admin_users", upstream.get_user().unwrap_or("postgres").to_owned()),
            ("pool_mode", mode.to_owned()),
            ("default_pool_size", self.pool_size.to_string()),
            ("max_client_conn", "1000".to_owned()),
        ];
        if let Some(statements) = self.max_prepared_statements.filter(|_| version >= KNOWS_STATEMENTS) {
            settings.push(("max_prepared_statements", statements.to_string()));
        }
        let given = self.settings.iter().map(|(name, value)| (name.as_str(), value.clone()));
        let lines = settings.into_iter().chain(given).map(|(name, value)| format!("{name} = {value}\n"));
        Ok(format!("[databases]\n* = {server}\n[pgbouncer]\n{}", lines.collect::<String>()))
    }
}

/// The first version that follows prepared statements.
const KNOWS_STATEMENTS: (u32, u32) = (1, 21);

impl PgBouncer {
    /// In transaction mode, with two connections to the server.
    pub fn builder() -> PgBouncerBuilder {
        PgBouncerBuilder {
            mode: PoolMode::Transaction,
            pool_size: 2,
            max_prepared_statements: None,
            settings: Vec::new(),
        }
    }

    /// The same database as that of the server, reached through the pooler.
    pub fn url(&self) -> &str {
        self.running.url()
    }

    /// The same as [`url`](Self::url), for the driver.
    pub fn config(&self) -> Config {
        self.running.config()
    }

    /// A plain connection through the pooler.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub async fn client(&self) -> Client {
        self.running.client().await
    }

    /// Runs a command of its console, such as `RECONNECT` or `KILL shop`.
    ///
    /// # Panics
    ///
    /// If it is refused.
    pub async fn administer(&self, command: &str) {
        let console = self.running.config_of("pgbouncer").unwrap_or_else(|error| panic!("{error}"));
        let console = connect(&console).await.unwrap_or_else(|error| panic!("{error}"));
        console.simple_query(command).await.unwrap_or_else(|error| panic!("{command}: {error:?}"));
    }

    /// Whether this version can follow prepared statements: see
    /// [`max_prepared_statements`](PgBouncerBuilder::max_prepared_statements).
    pub fn can_follow_statements(&self) -> bool {
        self.version >= KNOWS_STATEMENTS
    }

    fn launch(builder: &PgBouncerBuilder, program: &Path, upstream: &Config) -> Result<Self> {
        let mut found = (0, 0);
        let running = PROGRAM.start(program, upstream, |folder, account| {
            found = version(account, program)?;
            builder.file(found, folder, upstream)
        })?;
        Ok(Self { running, version: found })
    }
}

impl From<&PgBouncer> for Upstream {
    fn from(pooler: &PgBouncer) -> Self {
        pooler.url().into()
    }
}

impl fmt::Debug for PgBouncer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgBouncer")
            .field("url", &self.url())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// "PgBouncer 1.18.0"
fn version(account: ServerAccount, program: &Path) -> Result<(u32, u32)> {
    let failed = |error| Error::new(format!("cannot run {}: {error}", program.display()));
    let output = account.command(program).arg("--version").output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let read = || {
        let mut numbers = text.split_whitespace().nth(1)?.split('.');
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    };
    read().ok_or_else(|| Error::new(format!("{} does not say its version, but: {text}", program.display())))
}
