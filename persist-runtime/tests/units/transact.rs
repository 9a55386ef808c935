//! Closures that are a transaction, and are run again when they lost a race.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use persist_runtime::{Database, Error, Isolation, Retry, Sql, UnitOfWork};
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use tokio::sync::Barrier;

use crate::{Result, connect, insert, publish, published, server, values};

async fn cents(uow: &UnitOfWork<'_>, name: &str) -> Result<i64> {
    Sql::unchecked("SELECT cents FROM accounts WHERE name = $1").bind(name.to_owned()).one(uow).await
}

async fn add(uow: &UnitOfWork<'_>, name: &str, cents: i64) -> Result {
    let sql = "UPDATE accounts SET cents = cents + $2 WHERE name = $1";
    Sql::unchecked(sql).bind(name.to_owned()).bind(cents).execute(uow).await.map(drop)
}

/// Somebody else who adds a cent to an account.
async fn meddle(server: &TestDatabase, name: &str) {
    let sql = format!("UPDATE accounts SET cents = cents + 1 WHERE name = '{name}'");
    server.client().await.batch_execute(&sql).await.unwrap();
}

/// Tries again at once.
fn hasty() -> Retry {
    Retry::default().base(Duration::ZERO)
}

#[tokio::test]
async fn ok_commits_and_err_rolls_back() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let answer = assert_round_trips!(
        proxy,
        1,
        db.transact(async |uow| {
            publish(uow, 1)?;
            Ok("done")
        })
        .await?
    );
    assert_eq!(answer, "done");
    let refused = db.transact(async |uow| {
        publish(uow, 2)?;
        uow.flush().await?;
        Err::<(), _>(Error::other("I have changed my mind"))
    });
    assert_eq!(refused.await.unwrap_err().to_string(), "I have changed my mind");
    assert_eq!(published(&db).await, [1]);
    Ok(())
}

/// A statement that was prepared before a table was altered fails where it cannot be sent again by itself.
#[tokio::test]
async fn what_was_prepared_for_another_table_is_run_again() -> Result {
    let server = server().await;
    for ty in ["varchar(50)", "text"] {
        let alter = format!("ALTER TABLE accounts ALTER name TYPE {ty}");
        let db = connect(server.url(), 1).await;
        let all = || Sql::unchecked("SELECT name FROM accounts");
        all().all::<String>(&db).await?;
        let attempts = AtomicU32::new(0);
        let seen = db
            .unit_of_work_builder()
            .retry(hasty())
            .transact(async |uow| {
                insert(uow, 1).await?;
                if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                    server.client().await.batch_execute(&alter).await.unwrap();
                }
                // What the closure makes of it does not matter: also if it goes on.
                let first = all().all::<String>(uow).await;
                let second = all().all::<String>(uow).await;
                first.or(second).map(|rows| rows.len())
            })
            .await?;
        assert_eq!((attempts.into_inner(), seen), (2, 2));
        assert_eq!(values(&db).await, [1]);
        Sql::unchecked("DELETE FROM t").execute(&db).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_loses_a_race_is_run_again() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    let builder = db.unit_of_work_builder().isolation(Isolation::RepeatableRead).retry(hasty());
    let attempts = AtomicU32::new(0);
    let seen = builder
        .transact(async |uow| {
            let before = cents(uow, "ada").await?;
            if attempts.fetch_add(1, Ordering::Relaxed) < 2 {
                meddle(&server, "ada").await;
            }
            add(uow, "ada", 10).await?;
            Ok(before)
        })
        .await?;
    assert_eq!((attempts.into_inner(), seen), (3, 102));
    assert_eq!(db.transact(async |uow| cents(uow, "ada").await).await?, 112);
    Ok(())
}

/// Two transactions that read what the other writes: one of them fails, at the latest when it is to be
/// committed.
#[tokio::test]
async fn what_loses_a_race_when_it_is_committed_is_run_again() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    let observed = Arc::new(std::sync::Mutex::new(Vec::new()));
    let observer = observed.clone();
    let builder = db.unit_of_work_builder().isolation(Isolation::Serializable).retry(hasty()).on_retry(
        move |retrying| {
            observer.lock().unwrap().push((retrying.attempt, retrying.error.code().map(str::to_owned)));
        },
    );
    let attempts = AtomicU32::new(0);
    builder
        .transact(async |uow| {
            let sum: i64 = Sql::unchecked("SELECT sum(cents)::bigint FROM accounts").one(uow).await?;
            let sql = "INSERT INTO accounts VALUES ('sum ' || clock_timestamp(), $1)";
            Sql::unchecked(sql).bind(sum).execute(uow).await?;
            if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                let client = server.client().await;
                let begin = "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT sum(cents) FROM accounts;
                    INSERT INTO accounts VALUES ('other', 0); COMMIT";
                client.batch_execute(begin).await.unwrap();
            }
            Ok(())
        })
        .await?;
    assert_eq!(attempts.into_inner(), 2);
    assert_eq!(*observed.lock().unwrap(), [(1, Some("40001".to_owned()))]);
    let sums: i64 = Sql::unchecked("SELECT count(*) FROM accounts WHERE name LIKE 'sum%'").one(&db).await?;
    assert_eq!(sums, 1);
    Ok(())
}

#[tokio::test]
async fn who_is_ended_to_end_a_deadlock_is_run_again() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    let (both, attempts) = (Barrier::new(2), AtomicU32::new(0));
    let transfer = async |from: &'static str, to: &'static str| {
        let has_met = AtomicU32::new(0);
        db.transact(async |uow| {
            attempts.fetch_add(1, Ordering::Relaxed);
            add(uow, from, -1).await?;
            if has_met.fetch_add(1, Ordering::Relaxed) == 0 {
                both.wait().await;
            }
            add(uow, to, 1).await
        })
        .await
    };
    let (one, other) = tokio::join!(transfer("ada", "bob"), transfer("bob", "ada"));
    one.and(other)?;
    assert_eq!(attempts.load(Ordering::Relaxed), 3);
    let cents: Vec<i64> = Sql::unchecked("SELECT cents FROM accounts").all(&db).await?;
    assert_eq!(cents, [100, 100]);
    Ok(())
}

/// An error that says nothing of its cause.
#[derive(Debug, PartialEq)]
struct Opaque;

impl From<Error> for Opaque {
    fn from(_: Error) -> Opaque {
        Opaque
    }
}

#[tokio::test]
async fn the_unit_of_work_itself_remembers_that_it_lost() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    let builder = db.unit_of_work_builder().isolation(Isolation::RepeatableRead).retry(hasty());
    let attempts = AtomicU32::new(0);
    let losing = async |uow: &UnitOfWork<'static>| {
        cents(uow, "ada").await?;
        if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
            meddle(&server, "ada").await;
        }
        add(uow, "ada", 1).await
    };
    // In an error of another type.
    builder.try_transact(async |uow| losing(uow).await.map_err(|_| Opaque)).await.unwrap();
    assert_eq!(attempts.swap(0, Ordering::Relaxed), 2);
    // In an error that is not shown.
    builder.transact(async |uow| Ok(losing(uow).await.is_ok())).await?;
    assert_eq!(attempts.swap(0, Ordering::Relaxed), 2);
    // What was taken back by a savepoint does not count.
    let opaque = builder
        .try_transact(async |uow| {
            let savepoint = uow.savepoint().await?;
            losing(uow).await.unwrap_err();
            savepoint.rollback().await?;
            Err::<(), _>(Opaque)
        })
        .await;
    assert_eq!((opaque, attempts.into_inner()), (Err(Opaque), 1));
    Ok(())
}

#[tokio::test]
async fn what_would_fail_again_is_run_once() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    insert(&db, 1).await?;
    let attempts = AtomicU32::new(0);
    let error = db
        .transact(async |uow| {
            attempts.fetch_add(1, Ordering::Relaxed);
            insert(uow, 1).await
        })
        .await
        .unwrap_err();
    assert!(error.is_unique_violation() && !error.is_retryable());
    assert_eq!(attempts.into_inner(), 1);
    Ok(())
}

#[tokio::test]
async fn it_gives_up() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    for (retry, expected) in [
        (Retry::never(), 1),
        (hasty().attempts(3), 3),
        (
            Retry::default()
                .base(Duration::from_secs(3_600))
                .cap(Duration::from_secs(3_600))
                .budget(Duration::ZERO),
            1,
        ),
    ] {
        let builder = db.unit_of_work_builder().isolation(Isolation::RepeatableRead).retry(retry);
        let attempts = AtomicU32::new(0);
        let error = builder
            .transact(async |uow| {
                attempts.fetch_add(1, Ordering::Relaxed);
                cents(uow, "ada").await?;
                meddle(&server, "ada").await;
                add(uow, "ada", 1).await
            })
            .await
            .unwrap_err();
        assert!(error.is_serialization_failure() && error.is_retryable(), "{error:?}");
        assert_eq!(attempts.into_inner(), expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_lost_on_the_way_is_replaced() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let attempts = AtomicU32::new(0);
    db.unit_of_work_builder()
        .retry(hasty())
        .transact(async |uow| {
            insert(uow, 1).await?;
            if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                let pid: i32 = Sql::unchecked("SELECT pg_backend_pid()").one(uow).await?;
                let kill = format!("SELECT pg_terminate_backend({pid})");
                server.client().await.batch_execute(&kill).await.unwrap();
            }
            insert(uow, 2).await
        })
        .await?;
    assert_eq!((attempts.into_inner(), values(&db).await), (2, vec![1, 2]));
    Ok(())
}

/// Nothing is unknown where the connection had ended before COMMIT was written.
#[tokio::test]
async fn a_connection_that_is_lost_before_the_commit_is_replaced() -> Result {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let attempts = AtomicU32::new(0);
    let killer = server.client().await;
    db.unit_of_work_builder()
        .retry(hasty())
        .transact(async |uow| {
            insert(uow, 1).await?;
            if attempts.fetch_add(1, Ordering::Relaxed) == 0 {
                let pid: i32 = Sql::unchecked("SELECT pg_backend_pid()").one(uow).await?;
                // It answers once the backend is gone.
                killer.query_one("SELECT pg_terminate_backend($1, 60000)", &[&pid]).await.unwrap();
                killer.batch_execute("").await.unwrap();
            }
            Ok(())
        })
        .await?;
    assert_eq!((attempts.into_inner(), values(&db).await), (2, vec![1]));
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_away_for_a_while_is_waited_for() -> Result {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let attempts = AtomicU32::new(0);
    let builder = db.unit_of_work_builder().retry(hasty());
    let work = async |uow: &UnitOfWork<'static>| {
        match attempts.fetch_add(1, Ordering::Relaxed) {
            0 => {
                insert(uow, 1).await?;
                proxy.refuse();
                proxy.cut_now();
            }
            3 => proxy.heal(),
            _ => {}
        }
        insert(uow, 2).await
    };
    builder.transact(work).await?;
    assert_eq!((attempts.swap(0, Ordering::Relaxed), values(&db).await), (4, vec![2]));
    // A caller that never had a connection gets its error at once.
    proxy.refuse();
    proxy.cut_now();
    let closed = db.transact(async |uow| insert(uow, 3).await).await.unwrap_err();
    assert!(closed.is_connect() || closed.is_connection_lost(), "{closed:?}");
    Ok(())
}

// What follows is about what compiles.

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An object of a trait, with futures that can be sent.
trait Shop: Sync {
    fn sell(&self, pieces: i32) -> impl Future<Output = Result<i32>> + Send;
}

struct Branch<'a> {
    db: &'a Database,
    name: String,
}

impl Shop for Branch<'_> {
    async fn sell(&self, pieces: i32) -> Result<i32> {
        self.db
            .transact(async |uow| {
                insert(uow, pieces + self.name.len() as i32).await?;
                Ok(pieces)
            })
            .await
    }
}

async fn by_a_function(uow: &UnitOfWork<'_>) -> Result<usize> {
    Ok(values(uow).await.len())
}

#[tokio::test]
async fn closures_take_what_they_need() -> Result {
    let server = server().await;
    let db = connect(server.url(), 2).await;
    // In a task, with what it owns; used by reference, so that it can be run again.
    let (own, name) = (db.clone(), vec![1, 2]);
    let task = tokio::spawn(async move {
        own.transact(async move |uow| {
            for value in &name {
                insert(uow, *value).await?;
            }
            Ok(name.len())
        })
        .await
    });
    assert_eq!(task.await.expect("no panic")?, 2);
    // Boxed, with what it borrows.
    let (numbers, text) = (vec![3, 4], "text".to_owned());
    let (numbers, text): (&[i32], &str) = (&numbers, &text);
    let boxed: Boxed<'_, Result<usize>> = Box::pin(db.transact(async |uow| {
        for value in numbers {
            insert(uow, *value).await?;
        }
        Ok(text.len())
    }));
    assert_eq!(boxed.await?, 4);
    // Behind a trait, and from there in a task.
    let owner = db.clone();
    let sold = tokio::spawn(async move { Branch { db: &owner, name: "main".to_owned() }.sell(1).await });
    assert_eq!(sold.await.expect("no panic")?, 1);
    // What is used up by the closure is cloned for each attempt.
    let moved = String::from("5 pieces");
    let length = db.transact(async move |_uow| {
        let used_up = moved;
        Ok(used_up.into_bytes().len())
    });
    assert_eq!(length.await?, 8);
    assert_eq!(db.transact(async |uow| by_a_function(uow).await).await?, 5);
    // One in the other, on two connections.
    let nested = db.transact(async |outer| {
        let inner = db.transact(async |inner| by_a_function(inner).await).await?;
        Ok((by_a_function(outer).await?, inner))
    });
    assert_eq!(nested.await?, (5, 5));
    Ok(())
}
