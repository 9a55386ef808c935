//! pgpool-II in front of a server.

use crate::cluster::{blocking, connect};
use crate::error::Result;
use crate::pooler;
use crate::pooler::{PORT, Program, Running};
use crate::proxy::Upstream;
use std::fmt::{self, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, Config};

const PROGRAM: Program = Program {
    title: "pgpool-II",
    name: "pgpool",
    packages: ("pgpool2", "pgpool-ii"),
    variable: "PERSIST_PGPOOL",
    file: "pgpool.conf",
    // The first process of it ends its children and leaves shared memory behind unless it is asked to stop.
    script: r#"
"$1" -n -f "$2/pgpool.conf" >"$2/log" 2>&1 &
read -r word
kill -INT $!
wait $!
rm -rf "$2"
"#,
};

/// A throw-away pgpool-II on a Unix socket of its own, which runs as an unprivileged user and asks for no password. It
/// keeps the connections to one server and hands each to one client at a time. It goes away with this value, or with
/// the process.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use persist_testkit::{PgPool, TestDatabase};
///
/// let database = TestDatabase::new().await;
/// // There is none on this machine: that was said.
/// let Some(pooler) = PgPool::start(&database, 4).await else { return };
/// let client = pooler.client().await;
/// // PostgreSQL itself knows nothing of that.
/// client.simple_query("SHOW pool_version").await.unwrap();
/// # }
/// ```
pub struct PgPool(Running);

impl PgPool {
    /// Starts it in front of a [`TestDatabase`](crate::TestDatabase), a [`Cluster`](crate::Cluster), or what a
    /// `postgresql://…` URL names, for so many clients at a time. `None` if this machine has no pgpool-II, which is
    /// said on the standard error, also where the output of tests is captured.
    ///
    /// # Panics
    ///
    /// If it does not start; the message has its log.
    pub async fn start(upstream: impl Into<Upstream>, clients: u32) -> Option<PgPool> {
        let program = PROGRAM.find()?;
        let upstream = upstream.into().config().clone();
        let started = blocking(move || {
            PROGRAM.start(&program, &upstream, |folder, _| file(folder, &upstream, clients))
        })
        .await;
        let pooler = PgPool(started.unwrap_or_else(|error| panic!("{error}")));
        pooler.wait().await;
        Some(pooler)
    }

    /// The same database as that of the server, reached through the pooler.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    /// The same as [`url`](Self::url), for the driver.
    pub fn config(&self) -> Config {
        self.0.config()
    }

    /// A plain connection through the pooler.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    pub async fn client(&self) -> Client {
        self.0.client().await
    }

    /// Its socket is there before the processes that serve it.
    async fn wait(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match connect(&self.config()).await {
                Ok(_) => return,
                Err(error) if Instant::now() > deadline => panic!("pgpool-II does not serve: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// It never gives a server up: that it is gone for a moment is what tests are about.
fn file(folder: &Path, upstream: &Config, clients: u32) -> Result<String> {
    let (host, port) = pooler::behind(upstream)?;
    let folder = folder.to_string_lossy().into_owned();
    let mut text = String::new();
    let mut set = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name} = '{}'", value.replace('\'', "''"));
    };
    set("backend_clustering_mode", "raw");
    set("listen_addresses", "");
    set("port", &PORT.to_string());
    set("pcp_port", &(PORT + 1).to_string());
    set("num_init_children", &clients.to_string());
    set("backend_hostname0", &host);
    set("backend_port0", &port.to_string());
    set("backend_flag0", "DISALLOW_TO_FAILOVER");
    set("failover_on_backend_error", "off");
    // What the versions call it.
    for place in
        ["socket_dir", "unix_socket_directories", "pcp_socket_dir", "wd_ipc_socket_dir", "logdir", "work_dir"]
    {
        set(place, &folder);
    }
    set("pid_file_name", &format!("{folder}/pgpool.pid"));
    set("load_balance_mode", "off");
    set("health_check_period", "0");
    set("sr_check_period", "0");
    Ok(text)
}

impl From<&PgPool> for Upstream {
    fn from(pooler: &PgPool) -> Self {
        pooler.url().into()
    }
}

impl fmt::Debug for PgPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgPool").field("url", &self.url()).finish_non_exhaustive()
    }
}
