//! Units of work as transactions: settings, commits, retries, savepoints, hooks. What they write is SQL, and
//! events, which wait to be flushed as rows of entities do.
#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod commit;
mod commit_table;
mod hooks;
mod mark;
mod savepoint;
mod settings;
mod transact;
mod within;

use persist_runtime::outbox::Event;
use persist_runtime::{Database, Error, Session, Sql, UnitOfWork};
use persist_testkit::TestDatabase;

type Result<T = ()> = std::result::Result<T, Error>;

const TABLES: &str = "
    CREATE TABLE t (a int UNIQUE);
    CREATE TABLE accounts (name text PRIMARY KEY, cents bigint NOT NULL);
    INSERT INTO accounts VALUES ('ada', 100), ('bob', 100);
    CREATE TABLE persist_outbox (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key text NOT NULL,
        topic text NOT NULL,
        payload jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        done timestamptz
    );
    CREATE TABLE persist_token (
        id uuid PRIMARY KEY,
        committed boolean NOT NULL DEFAULT true,
        at timestamptz NOT NULL DEFAULT now()
    );";

async fn server() -> TestDatabase {
    TestDatabase::with_sql(TABLES).await
}

async fn connect(url: &str, pool_size: usize) -> Database {
    Database::builder().url(url).pool_size(pool_size).connect().await.unwrap()
}

async fn insert<'s>(session: impl Into<Session<'s>>, value: i32) -> Result {
    Sql::unchecked("INSERT INTO t VALUES ($1)").bind(value).execute(session).await.map(drop)
}

/// What is in the table of integers.
async fn values<'s>(session: impl Into<Session<'s>>) -> Vec<i32> {
    Sql::unchecked("SELECT a FROM t ORDER BY a").all(session).await.unwrap()
}

/// Something that waits for the next flush.
#[derive(serde::Serialize)]
struct Told {
    number: i32,
}

impl Event for Told {
    const TOPIC: &'static str = "published";

    fn key(&self) -> String {
        "all".to_owned()
    }
}

fn publish(uow: &UnitOfWork<'_>, number: i32) -> Result {
    uow.publish(&Told { number })
}

/// The events that were written down.
async fn published<'s>(session: impl Into<Session<'s>>) -> Vec<i32> {
    Sql::unchecked("SELECT (payload ->> 'number')::int FROM persist_outbox ORDER BY id")
        .all(session)
        .await
        .unwrap()
}
