//! The server that all [`TestDatabase`](crate::TestDatabase)s of a process are on.

use crate::cluster::{Cluster, blocking, config, connect};
use crate::error::{Error, Result};
use crate::keeper::Keeper;
use crate::migrations::Migrations;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

pub(crate) struct SharedServer {
    host: Host,
    keeper: Keeper,
    /// Starts the names of our databases, and is the name of our session on a server that others use too.
    prefix: String,
    made: AtomicU32,
    templates: Mutex<HashMap<Migrations, String>>,
}

enum Host {
    /// Ours: it goes away with the process, so a template can stay on it.
    Throwaway(Cluster),
    /// What `DATABASE_URL` says.
    Given(String),
}

/// Finds the databases that killed processes have left: no session of these processes is there any more.
const SWEEP: &str = "\
SELECT d.datname FROM pg_database d
WHERE d.datname ~ '^persist_test_[0-9a-f]+_[0-9]+$'
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = substring(d.datname from '^(.*)_[0-9]+$'))";

impl SharedServer {
    /// Starts it at the first call. A failure is remembered too: every test then reports the same.
    pub(crate) async fn get() -> Result<&'static Self> {
        static SERVER: OnceLock<Result<SharedServer>> = OnceLock::new();
        if let Some(server) = SERVER.get() {
            return server.as_ref().map_err(Error::clone);
        }
        blocking(|| SERVER.get_or_init(Self::start_on_a_runtime_of_its_own).as_ref().map_err(Error::clone))
            .await
    }

    /// The test that comes first may end while others still wait for the server.
    fn start_on_a_runtime_of_its_own() -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("cannot start a runtime: {error}")))?;
        runtime.block_on(Self::start())
    }

    async fn start() -> Result<Self> {
        let prefix = format!("persist_test_{:x}", unique_number());
        let (host, mut config) = match std::env::var("DATABASE_URL") {
            Ok(url) => {
                let config = config(&url)?;
                (Host::Given(url), config)
            }
            Err(_) => {
                let cluster = Cluster::builder().try_start().await?;
                let config = cluster.config();
                (Host::Throwaway(cluster), config)
            }
        };
        config.application_name(&prefix);
        let keeper = Keeper::start(config.clone())?;
        // Opens the session that says that the databases of this prefix are in use.
        keeper.run("SELECT 1".to_owned()).await?;
        if matches!(host, Host::Given(_)) {
            sweep(&config, &keeper).await?;
        }
        Ok(Self { host, keeper, prefix, made: AtomicU32::new(0), templates: Mutex::default() })
    }

    pub(crate) async fn create(&self, migrations: &Migrations) -> Result<String> {
        let name = self.next_name();
        match (&self.host, migrations.is_empty()) {
            (Host::Throwaway(_), false) => {
                let template = self.template(migrations).await?;
                // Some 33 ms; WAL_LOG takes 40.
                self.keeper
                    .run(format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
                    .await?;
            }
            (Host::Throwaway(_) | Host::Given(_), _) => {
                self.keeper.run(format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
                if let Err(error) = self.migrate(&name, migrations).await {
                    self.drop_database(&name);
                    return Err(error);
                }
            }
        }
        Ok(name)
    }

    pub(crate) fn url_of(&self, database: &str) -> String {
        match &self.host {
            Host::Throwaway(cluster) => cluster.url_of(database),
            Host::Given(url) => with_database(url, database),
        }
    }

    pub(crate) fn drop_database(&self, name: &str) {
        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        match self.host {
            Host::Throwaway(_) => self.keeper.run_later(sql),
            // The process may end right after this test, and the server stays.
            Host::Given(_) => {
                if let Err(error) = self.keeper.run_and_wait(sql) {
                    eprintln!("persist-testkit: {error}");
                }
            }
        }
    }

    /// Held while the template is made, so that it is made once.
    async fn template(&self, migrations: &Migrations) -> Result<String> {
        let mut templates = self.templates.lock().await;
        if let Some(name) = templates.get(migrations) {
            return Ok(name.clone());
        }
        let name = self.next_name();
        self.keeper.run(format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        self.migrate(&name, migrations).await?;
        // No session may be connected to a template while it is cloned.
        self.keeper.run(format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await?;
        templates.insert(migrations.clone(), name.clone());
        Ok(name)
    }

    async fn migrate(&self, database: &str, migrations: &Migrations) -> Result<()> {
        if migrations.is_empty() {
            return Ok(());
        }
        let config = config(&self.url_of(database))?;
        let client = connect(&config).await?;
        migrations.apply(&client).await
    }

    fn next_name(&self) -> String {
        format!("{}_{}", self.prefix, self.made.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Debug for SharedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedServer").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

async fn sweep(config: &tokio_postgres::Config, keeper: &Keeper) -> Result<()> {
    let client = connect(config).await?;
    let left_behind =
        client.query(SWEEP, &[]).await.map_err(|error| Error::new(crate::error::describe(&error)))?;
    for row in left_behind {
        let name: String = row.get(0);
        // Another process may sweep at the same time, or the database may belong to another user: then it
        // stays.
        let _ = keeper.run(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
    Ok(())
}

/// Of the process and the time, so that no two runs on one server share it.
fn unique_number() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_nanos() << 22) | u128::from(std::process::id() & 0x3f_ffff)
}

/// The same address with another database: as an URL, or as `key = value` pairs of which the last counts.
fn with_database(address: &str, database: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return format!("{address} dbname={database}");
    };
    let (place, query) = match rest.split_once('?') {
        Some((place, query)) => (place, format!("?{query}")),
        None => (rest, String::new()),
    };
    let authority = place.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{database}{query}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        let cases = [
            ("postgres://u:p@h:1/old?sslmode=disable", "postgres://u:p@h:1/new?sslmode=disable"),
            ("postgresql://u@h", "postgresql://u@h/new"),
            ("postgresql:///old?host=/run", "postgresql:///new?host=/run"),
            ("host=h dbname=old", "host=h dbname=old dbname=new"),
        ];
        for (address, expected) in cases {
            assert_eq!(with_database(address, "new"), expected);
        }
    }
}
