//! Migrations of any layout, applied as their tool applies them.

use std::path::Path;
use std::pin::pin;

use bytes::Bytes;
use futures_util::SinkExt as _;
use persist_schema::{Command, Script};
use tokio_postgres::Client;
use tokio_postgres::error::ErrorPosition;

use crate::error::{Error, Result, describe};

/// The `schema/` folder of this repository.
const SAMPLE_DOMAIN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema");

/// SQL scripts in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Migrations(Vec<Script>);

impl Migrations {
    pub(crate) fn sample_domain() -> Result<Self> {
        Self::from_folder(Path::new(SAMPLE_DOMAIN))
    }

    pub(crate) fn none() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn from_sql(sql: &str) -> Self {
        Self(vec![persist_schema::script_of("the SQL of this test", sql)])
    }

    /// The migrations of a folder, or of a single file.
    pub(crate) fn from_folder(folder: &Path) -> Result<Self> {
        let scripts = persist_schema::scripts(folder)
            .map_err(|error| Error::new(format!("cannot read migrations: {}: {error}", folder.display())))?;
        if scripts.is_empty() {
            return Err(Error::new(format!("there are no migrations in {}", folder.display())));
        }
        Ok(Self(scripts))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) async fn apply(&self, client: &Client) -> Result<()> {
        for ledger in self.ledgers() {
            client.batch_execute(ledger).await.map_err(|error| Error::new(describe(&error)))?;
        }
        for script in &self.0 {
            apply(script, client).await?;
            // What a file sets is not there for the next one, which its tool may run in another session.
            let reset = "RESET ALL; RESET SESSION AUTHORIZATION";
            client.batch_execute(reset).await.map_err(|error| Error::new(describe(&error)))?;
        }
        Ok(())
    }

    /// The tables in which tools keep what was applied, where migrations name one that they do not create.
    fn ledgers(&self) -> impl Iterator<Item = &'static str> {
        let commands = || self.0.iter().flat_map(|script| &script.commands);
        LEDGERS.iter().copied().filter(move |ledger| {
            let name = ledger.split_whitespace().nth(2).unwrap_or_default();
            let mut naming = commands().filter(|command| names(&command.text, name)).peekable();
            naming.peek().is_some()
                && !naming.any(|command| {
                    command.text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create"))
                })
        })
    }
}

/// Is the name a word of the text?
fn names(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// As the tools create them: sqlx, diesel, refinery, Flyway, Prisma, golang-migrate, goose.
const LEDGERS: [&str; 7] = [
    "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz NOT NULL \
     DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL)",
    "CREATE TABLE __diesel_schema_migrations (version varchar(50) PRIMARY KEY, run_on timestamp NOT NULL DEFAULT \
     CURRENT_TIMESTAMP)",
    "CREATE TABLE refinery_schema_history (version integer PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum \
     varchar(255))",
    "CREATE TABLE flyway_schema_history (installed_rank integer PRIMARY KEY, version varchar(50), description varchar(200) NOT \
     NULL, type varchar(20) NOT NULL, script varchar(1000) NOT NULL, checksum integer, installed_by varchar(100) NOT NULL, \
     installed_on timestamp NOT NULL DEFAULT now(), execution_time integer NOT NULL, success boolean NOT NULL)",
    "CREATE TABLE _prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL, finished_at timestamptz, \
     migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(), \
     applied_steps_count integer NOT NULL DEFAULT 0)",
    "CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY, dirty boolean NOT NULL DEFAULT false)",
    "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp \
     timestamp NOT NULL DEFAULT now())",
];

/// A file is one transaction, unless something in it cannot be.
async fn apply(script: &Script, client: &Client) -> Result<()> {
    let failed = |error: tokio_postgres::Error| Error::new(format!("{}: {}", script.file, describe(&error)));
    if !script.is_outside_of_a_transaction {
        client.batch_execute("BEGIN").await.map_err(failed)?;
    }
    for command in &script.commands {
        run(command, client).await.map_err(|error| explained(script, command, &error))?;
    }
    if !script.is_outside_of_a_transaction {
        client.batch_execute("COMMIT").await.map_err(failed)?;
    }
    Ok(())
}

async fn run(command: &Command, client: &Client) -> std::result::Result<(), tokio_postgres::Error> {
    match &command.data {
        None => client.batch_execute(&command.text).await,
        Some(data) => {
            let sink = client.copy_in::<_, Bytes>(&command.text).await?;
            let mut sink = pin!(sink);
            sink.send(Bytes::from(data.clone())).await?;
            sink.finish().await.map(drop)
        }
    }
}

fn explained(script: &Script, command: &Command, error: &tokio_postgres::Error) -> Error {
    let line = match error.as_db_error().and_then(|db| db.position()) {
        Some(ErrorPosition::Original(character)) => {
            command.text.chars().take(*character as usize).filter(|c| *c == '\n').count()
        }
        _ => 0,
    };
    let begins = command.text.split_whitespace().take(4).collect::<Vec<_>>().join(" ");
    let file = command.file.as_ref().unwrap_or(&script.file);
    Error::new(format!("{file}:{}: `{begins} …`: {}", command.line as usize + line, describe(error)))
}
