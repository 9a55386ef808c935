//! Loads that are cut off, stopped or dropped: an error, never a part of an aggregate, and a pool that works
//! afterwards.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use persist::prelude::*;
use persist::{Error, StatementMode};
use persist_testkit::{Point, Proxy, TestDatabase};

use crate::Result;
use crate::fill::{self, EXECUTIONS, LOGS, STEPS};
use crate::property::streamed;
use crate::shapes::pipelines::Nested;

/// Longer than anything here takes; what takes longer hangs.
const A_MINUTE: Duration = Duration::from_secs(60);

const PIPELINES: usize = 20;

/// The ways to load.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Get,
    FindMany,
    List,
    Locked,
    Streamed,
    Update,
    InUnitOfWork,
}

const WAYS: [Way; 7] =
    [Way::Get, Way::FindMany, Way::List, Way::Locked, Way::Streamed, Way::Update, Way::InUnitOfWork];

async fn load(db: &Database, way: Way, known: &Nested) -> std::result::Result<Vec<Nested>, Error> {
    let pipelines = db.repository::<Nested>();
    let sorted = pipelines.order_by(|p| p.name.asc());
    match way {
        Way::Get => Ok(vec![pipelines.get(known.id).await?]),
        Way::FindMany => pipelines.find_many(&[known.id, known.id]).await,
        Way::List => sorted.all().await,
        Way::Locked => sorted.for_update().all().await,
        Way::Streamed => streamed(sorted).await,
        Way::Update => Ok(vec![pipelines.update(known).await?]),
        Way::InUnitOfWork => {
            let uow = db.unit_of_work();
            let found = uow.repository::<Nested>().order_by(|p| p.name.asc()).all().await?;
            uow.commit().await?;
            Ok(found)
        }
    }
}

fn check(way: Way, found: &[Nested]) {
    let expected = match way {
        Way::Get | Way::Update => 1,
        Way::FindMany => 2,
        Way::List | Way::Locked | Way::Streamed | Way::InUnitOfWork => PIPELINES,
    };
    assert_eq!(found.len(), expected, "{way:?}");
    for pipeline in found {
        let logs: Vec<usize> = pipeline.executions.iter().map(|execution| execution.logs.len()).collect();
        assert_eq!((pipeline.steps.len(), logs), (STEPS, vec![LOGS; EXECUTIONS]), "{way:?}");
    }
}

/// The pool serves again, and no transaction was left open.
async fn works(db: &Database, known: &Nested) -> Result {
    // That a connection was cut may only show in the next call.
    for _ in 0..=db.status().size {
        match tokio::time::timeout(A_MINUTE, load(db, Way::Get, known)).await? {
            Err(error) if error.is_connection_lost() => {}
            result => drop(result?),
        }
    }
    check(Way::List, &tokio::time::timeout(A_MINUTE, load(db, Way::List, known)).await??);
    assert_eq!(db.status().in_use, 0);
    Ok(())
}

/// Waits until no session but the asking one is in a transaction.
async fn no_transaction_is_open(server: &TestDatabase) -> Result {
    let client = server.client().await;
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    let wait = async {
        while client.query_one(open, &[]).await?.get::<_, i64>(0) > 0 {}
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    tokio::time::timeout(A_MINUTE, wait).await.map_err(|_| "a transaction stays open")?
}

async fn stored() -> Result<(TestDatabase, Nested)> {
    let server = fill::database(PIPELINES).await?;
    let db = Database::connect(server.url()).await?;
    let known = db.repository::<Nested>().query().first().await?.ok_or("there are pipelines")?;
    db.close();
    Ok((server, known))
}

#[tokio::test]
async fn cut_at_every_message() -> Result {
    let (server, known) = stored().await?;
    let proxy = Proxy::start(&server).await;
    let db = Database::builder().url(proxy.url()).pool_size(2).connect().await?;
    for way in WAYS {
        check(way, &load(&db, way, &known).await?);
        proxy.reset();
        load(&db, way, &known).await?;
        let messages = proxy.traffic();
        for (point, count) in [
            (Point::client_messages as fn(usize) -> Point, messages.client_messages),
            (Point::server_messages, messages.server_messages),
        ] {
            // One more than there are does not come to pass. Of very many rows some are enough.
            for after in (0..=count).step_by((count / 60).max(1)) {
                proxy.cut(point(after));
                let result = tokio::time::timeout(A_MINUTE, load(&db, way, &known)).await;
                proxy.heal();
                match result.map_err(|_| format!("{way:?} hangs after {after} messages"))? {
                    Ok(found) => check(way, &found),
                    Err(error) => {
                        assert!(error.is_connection_lost(), "{way:?} after {after} messages: {error:?}");
                    }
                }
                works(&db, &known).await?;
            }
        }
    }
    no_transaction_is_open(&server).await
}

#[tokio::test]
async fn dropped_at_every_poll() -> Result {
    let (server, known) = stored().await?;
    let proxy = Proxy::start(&server).await;
    for mode in [StatementMode::Named, StatementMode::Unnamed] {
        let db = Database::builder().url(proxy.url()).pool_size(1).statement_mode(mode).connect().await?;
        for way in WAYS {
            for polls in 1.. {
                let mut call = Box::pin(load(&db, way, &known));
                let mut is_done = false;
                for _ in 0..polls {
                    is_done = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx).is_ready())).await;
                    if is_done {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                drop(call);
                assert!(polls < 10_000, "{way:?} is never done");
                // Whatever the dropped call left behind, the next one reads its own answer.
                check(Way::Get, &load(&db, Way::Get, &known).await?);
                // With more and more polls the call comes to its end at last.
                if is_done || polls > 40 {
                    break;
                }
            }
            works(&db, &known).await?;
        }
        db.close();
        no_transaction_is_open(&server).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_statement_that_takes_too_long() -> Result {
    let (server, known) = stored().await?;
    let db = Database::builder()
        .url(server.url())
        .pool_size(1)
        .statement_timeout(Duration::from_millis(100))
        .connect()
        .await?;
    let client = server.client().await;
    for way in WAYS {
        for _cold_then_warm in 0..2 {
            // The deepest relation waits, in the middle of the load.
            client.batch_execute("BEGIN; LOCK TABLE execution_logs IN ACCESS EXCLUSIVE MODE").await?;
            let result = tokio::time::timeout(A_MINUTE, load(&db, way, &known)).await;
            client.batch_execute("ROLLBACK").await?;
            let error = match result.map_err(|_| format!("{way:?} hangs"))? {
                Ok(_) => panic!("{way:?} cannot have read what was locked"),
                Err(error) => error,
            };
            assert_eq!(cause(way, &error).code(), Some("57014"), "{way:?}: {error:?}");
            works(&db, &known).await?;
            check(way, &load(&db, way, &known).await?);
        }
    }
    db.close();
    no_transaction_is_open(&server).await
}

/// What went wrong: an update is read after it was written, so that its error says that it is.
fn cause(way: Way, error: &Error) -> &Error {
    assert_eq!(error.is_committed(), way == Way::Update, "{way:?}: {error:?}");
    error.source().and_then(|source| source.downcast_ref()).filter(|_| error.is_committed()).unwrap_or(error)
}

#[tokio::test]
async fn a_table_altered_between_two_loads() -> Result {
    let (server, known) = stored().await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let client = server.client().await;
    for way in WAYS.into_iter().filter(|way| *way != Way::InUnitOfWork) {
        for ty in ["varchar(200)", "text"] {
            for table in ["execution_logs ALTER message", "pipeline_steps ALTER name", "tags ALTER name"] {
                check(way, &load(&db, way, &known).await?);
                client.batch_execute(&format!("ALTER TABLE {table} TYPE {ty}")).await?;
                match load(&db, way, &known).await {
                    Ok(found) => check(way, &found),
                    Err(error) => panic!("{way:?} after {table} became {ty}: {error:?}"),
                }
            }
        }
        check(way, &load(&db, way, &known).await?);
        client.batch_execute("ALTER TABLE pipeline_steps ALTER position TYPE bigint").await?;
        let error = load(&db, way, &known).await.err().ok_or("a bigint is no i32")?;
        assert!(cause(way, &error).to_string().contains("`position`"), "{way:?}: {error}");
        client.batch_execute("ALTER TABLE pipeline_steps ALTER position TYPE integer").await?;
        check(way, &load(&db, way, &known).await?);
    }
    Ok(())
}

/// What else the transaction has done may be lost, so only its owner can begin it anew.
#[tokio::test]
async fn a_table_altered_before_a_unit_of_work() -> Result {
    let (server, known) = stored().await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let way = Way::InUnitOfWork;
    check(way, &load(&db, way, &known).await?);
    let client = server.client().await;
    client.batch_execute("ALTER TABLE execution_logs ALTER message TYPE varchar(200)").await?;
    match load(&db, way, &known).await {
        Ok(found) => check(way, &found),
        Err(error) => assert_eq!(error.code(), Some("0A000"), "{error:?}"),
    }
    check(way, &load(&db, way, &known).await?);
    Ok(())
}
