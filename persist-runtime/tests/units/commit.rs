//! What a commit says is true, whatever happens to the connection.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use persist_runtime::{Database, Error, Retry, Sql, UnitOfWork};
use persist_testkit::{Cluster, Point, Proxy, ServerError, TestDatabase};

use crate::{TABLES, connect, insert, publish, published, server, values};

/// Longer than anything here takes; what takes longer hangs.
const A_MINUTE: Duration = Duration::from_secs(60);

/// What a commit came to, and what it says.
async fn committed(db: &Database, number: i32, with_token: bool) -> Result<(), Error> {
    let builder = db.unit_of_work_builder();
    let uow = if with_token { builder.with_token().build() } else { builder.build() };
    publish(&uow, number)?;
    uow.commit().await.map(drop)
}

async fn works(db: &Database) {
    // That a connection was cut may show in the next call only.
    while committed(db, -1, false).await.is_err() {}
}

async fn behind_a_proxy() -> (TestDatabase, Proxy, Database, Database) {
    let server = server().await;
    let proxy = Proxy::start(&server).await;
    let db = connect(proxy.url(), 1).await;
    let direct = connect(server.url(), 1).await;
    (server, proxy, db, direct)
}

/// Cuts the connection after each message of either side, until the cut comes too late.
async fn cut_everywhere(with_token: bool) -> (u32, u32, u32) {
    let (_server, proxy, db, direct) = behind_a_proxy().await;
    let (mut yes, mut no, mut unknown) = (0, 0, 0);
    let mut number = 0;
    for point in [Point::client_messages, Point::server_messages] {
        for after in 0..30 {
            works(&db).await;
            number += 1;
            proxy.cut(point(after));
            let outcome =
                tokio::time::timeout(A_MINUTE, committed(&db, number, with_token)).await.expect("no hang");
            proxy.heal();
            let is_there = published(&direct).await.contains(&number);
            match outcome {
                Ok(()) => {
                    assert!(is_there, "after {after}");
                    yes += 1;
                }
                Err(error) if error.is_commit_unknown() => {
                    assert!(!with_token && error.unknown_commit().is_none() && !error.is_retryable());
                    unknown += 1;
                }
                Err(error) => {
                    assert!(
                        !is_there && error.is_rolled_back() && error.is_retryable(),
                        "after {after}: {error:?}"
                    );
                    no += 1;
                }
            }
        }
    }
    (yes, no, unknown)
}

#[tokio::test]
async fn with_a_token_every_answer_is_yes_or_no_and_true() {
    let (yes, no, unknown) = cut_everywhere(true).await;
    assert!(yes > 10 && no > 2 && unknown == 0, "{yes} committed, {no} not, {unknown} unknown");
}

#[tokio::test]
async fn who_asks_may_lose_the_answer_and_ask_again() {
    let (_server, proxy, db, direct) = behind_a_proxy().await;
    let mut committed_ones = 0;
    for after in 0..24 {
        works(&db).await;
        let point = if after % 2 == 0 { Point::client_messages(0) } else { Point::server_messages(0) };
        proxy.cut(point);
        // The connection on which is asked; its first messages are those of the startup.
        proxy.next_connection().cut(Point::server_messages(after));
        let outcome =
            tokio::time::timeout(A_MINUTE, committed(&db, after as i32, true)).await.expect("no hang");
        proxy.heal();
        let is_there = published(&direct).await.contains(&(after as i32));
        assert_eq!(outcome.is_ok(), is_there, "after {after}: {outcome:?}");
        committed_ones += u32::from(is_there);
    }
    assert!((1..=12).contains(&committed_ones), "{committed_ones} of 24 were committed");
    assert!(proxy.faults_happened() > 24 + 12, "{} faults", proxy.faults_happened());
}

#[tokio::test]
async fn without_one_it_says_that_it_does_not_know() {
    let (yes, _, unknown) = cut_everywhere(false).await;
    assert!(yes > 10 && unknown > 4, "{yes} committed, {unknown} unknown");
}

#[tokio::test]
async fn who_could_not_find_out_can_ask_later() {
    // Either the last messages of the client are lost, or the answers to them.
    for point in [Point::client_messages(0), Point::server_messages(0)] {
        let (_server, proxy, db, direct) = behind_a_proxy().await;
        works(&db).await;
        proxy.cut(point);
        let commit = tokio::spawn({
            let db = db.clone();
            async move { committed(&db, 1, true).await }
        });
        while proxy.faults_happened() == 0 {
            tokio::task::yield_now().await;
        }
        proxy.refuse();
        let outcome = tokio::time::timeout(A_MINUTE, commit).await.expect("no hang").unwrap();
        let error = outcome.unwrap_err();
        assert!(error.is_commit_unknown(), "{error:?}");
        let unknown = error.unknown_commit().expect("it has a token");
        assert!(unknown.resolve(&db).await.unwrap_err().is_commit_unknown());
        proxy.heal();
        let was_committed = unknown.resolve(&db).await.unwrap();
        assert_eq!(unknown.resolve(&db).await.unwrap(), was_committed);
        assert_eq!(published(&direct).await.contains(&1), was_committed);
    }
}

/// Poolers answer for a server that they lost, with any severity, and some without the field that holds it
/// untranslated. The transaction is committed meanwhile.
#[tokio::test]
async fn what_is_put_in_the_place_of_the_answer() {
    let (_server, proxy, db, direct) = behind_a_proxy().await;
    let codes = ["08006", "08P01", "53300", "57P01", "57P03", "58000", "XX000", "ZZ999"];
    let answers = codes.into_iter().flat_map(|code| {
        ["ERROR", "FATAL", "PANIC"].into_iter().flat_map(move |severity| {
            let answer = ServerError::new(severity, code);
            [answer.clone(), answer.without_severity()]
        })
    });
    for (number, answer) in (0..).zip(answers) {
        for with_token in [true, false] {
            let number = 2 * number + i32::from(with_token);
            works(&db).await;
            proxy.answer_commit(answer.clone());
            let outcome = committed(&db, number, with_token).await;
            assert!(published(&direct).await.contains(&number), "{answer:?}");
            match outcome {
                Ok(()) => assert!(with_token),
                Err(error) => {
                    assert!(!with_token && error.is_commit_unknown(), "{answer:?}: {error:?}");
                    assert!(!error.is_retryable() && !error.is_committed() && !error.is_rolled_back());
                }
            }
        }
        // Nothing is run again that may be committed.
        works(&db).await;
        proxy.answer_commit(answer.clone());
        let runs = AtomicU32::new(0);
        let builder = db.unit_of_work_builder().retry(Retry::default());
        let outcome = builder
            .transact(async |uow| {
                runs.fetch_add(1, Ordering::Relaxed);
                insert(uow, 10_000 + number).await.map(drop)
            })
            .await;
        assert!(outcome.is_err_and(|error| error.is_commit_unknown()), "{answer:?}");
        assert_eq!(runs.into_inner(), 1, "{answer:?}");
    }
}

/// What cannot be prepared once it has run takes nothing with it.
#[tokio::test]
async fn a_statement_that_runs_once() {
    let server = server().await;
    let once = "CREATE OR REPLACE FUNCTION once() RETURNS integer LANGUAGE plpgsql AS $$
        BEGIN DROP FUNCTION once(); RETURN 1; END $$";
    for is_retried in [false, true] {
        let db = connect(server.url(), 1).await;
        let number = 1 + i32::from(is_retried);
        server.client().await.batch_execute(once).await.unwrap();
        let hooks = Arc::new(AtomicU32::new(0));
        let ran = hooks.clone();
        let work = async |uow: &UnitOfWork<'_>| {
            let ran = ran.clone();
            uow.after_commit(move || {
                ran.fetch_add(1, Ordering::Relaxed);
            });
            insert(uow, number).await.unwrap();
            Sql::unchecked("SELECT once()").one::<i32>(uow).await
        };
        if is_retried {
            db.transact(work).await.unwrap();
        } else {
            let uow = db.unit_of_work();
            work(&uow).await.unwrap();
            uow.commit().await.unwrap();
        }
        assert!(values(&db).await.contains(&number));
        assert_eq!(hooks.load(Ordering::Relaxed), 1);
        // What ran in the transaction is prepared after it.
        insert(&db, -number).await.unwrap();
    }
}

/// A lock that another session gets with the commit does not keep that from being answered.
#[tokio::test]
async fn a_lock_after_the_commit() {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    assert!(published(&uow).await.is_empty());
    publish(&uow, 1).unwrap();
    let mut other = server.client().await;
    let locking = other.transaction().await.unwrap();
    let lock = locking.batch_execute("LOCK TABLE persist_outbox IN ACCESS EXCLUSIVE MODE");
    let commit = async {
        let waits =
            "SELECT count(*) FROM pg_locks WHERE relation = 'persist_outbox'::regclass AND NOT granted";
        let observer = server.client().await;
        while observer.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        tokio::time::timeout(A_MINUTE, uow.commit()).await.expect("no hang")
    };
    let (locked, committed) = tokio::join!(lock, commit);
    locked.unwrap();
    committed.unwrap();
    locking.commit().await.unwrap();
    assert_eq!(published(&db).await, [1]);
}

/// What PostgreSQL raises itself while it commits is no commit, and known to be none.
#[tokio::test]
async fn what_a_commit_raises_itself() {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let client = server.client().await;
    client
        .batch_execute(
            "CREATE TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED, code text);
             CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN RAISE EXCEPTION 'no' USING ERRCODE = NEW.code; END $$;
             CREATE CONSTRAINT TRIGGER complain AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED
                 FOR EACH ROW WHEN (NEW.code IS NOT NULL) EXECUTE FUNCTION complain()",
        )
        .await
        .unwrap();
    for code in ["22012", "23505", "25006", "2D000", "40001", "42501", "44000", "57014", "P0001"] {
        let uow = db.unit_of_work();
        Sql::unchecked("INSERT INTO late VALUES (1, $1)").bind(code.to_owned()).execute(&uow).await.unwrap();
        let error = uow.commit().await.unwrap_err();
        assert_eq!(error.code(), Some(code));
        assert!(!error.is_commit_unknown(), "{error:?}");
        let count: i64 = Sql::unchecked("SELECT count(*) FROM late").one(&db).await.unwrap();
        assert_eq!(count, 0);
    }
}

/// It may not know yet what was committed, and nothing that it says could keep anybody from committing.
#[tokio::test]
async fn a_standby_is_not_believed() {
    let cluster = Cluster::builder().setting("wal_level", "replica").start().await;
    let client = cluster.client().await;
    client.batch_execute(TABLES).await.unwrap();
    let proxy = Proxy::start(&cluster).await;
    let db = connect(proxy.url(), 1).await;
    works(&db).await;
    proxy.cut(Point::server_messages(0));
    let commit = tokio::spawn(async move { committed(&db, 1, true).await });
    while proxy.faults_happened() == 0 {
        tokio::task::yield_now().await;
    }
    proxy.refuse();
    let error = tokio::time::timeout(A_MINUTE, commit).await.expect("no hang").unwrap().unwrap_err();
    let unknown = error.unknown_commit().expect("it has a token");

    client.batch_execute("COPY (SELECT) TO PROGRAM 'touch standby.signal'").await.unwrap();
    cluster.stop().await;
    cluster.start().await;
    let db = connect(&cluster.url(), 1).await;
    for _cold_then_warm in 0..2 {
        let refused = unknown.resolve(&db).await.unwrap_err();
        assert!(refused.is_commit_unknown(), "{refused:?}");
    }
    let primary: bool = Sql::unchecked("SELECT pg_promote()").one(&db).await.unwrap();
    assert!(primary);
    let was_committed = unknown.resolve(&db).await.unwrap();
    assert_eq!(published(&db).await.contains(&1), was_committed);
}

#[tokio::test]
async fn only_what_is_known_to_be_rolled_back_is_run_again() {
    for with_token in [true, false] {
        let (_server, proxy, db, direct) = behind_a_proxy().await;
        works(&db).await;
        let builder = db.unit_of_work_builder().retry(Retry::default().base(Duration::ZERO));
        let builder = if with_token { builder.with_token() } else { builder };
        let attempts = std::sync::atomic::AtomicU32::new(0);
        proxy.cut(Point::client_messages(0));
        let outcome = builder
            .transact(async |uow| {
                attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                publish(uow, 1)
            })
            .await;
        let count = published(&direct).await.iter().filter(|number| **number == 1).count();
        if with_token {
            assert!(outcome.is_ok(), "{outcome:?}");
            assert_eq!((attempts.into_inner(), count), (2, 1));
        } else {
            assert!(outcome.unwrap_err().is_commit_unknown());
            assert_eq!((attempts.into_inner(), count), (1, 0));
        }
    }
}

#[tokio::test]
async fn who_only_reads_has_nothing_to_lose() {
    let (_server, proxy, db, _direct) = behind_a_proxy().await;
    let uow = db.unit_of_work_builder().read_only().build();
    assert!(values(&uow).await.is_empty());
    proxy.cut(Point::client_messages(0));
    let error = uow.commit().await.unwrap_err();
    assert!(error.is_rolled_back() && error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn an_error_of_the_server_is_no() {
    let server = TestDatabase::with_sql(
        "CREATE TABLE parent (id int PRIMARY KEY);
         CREATE TABLE t (a int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
    )
    .await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await.unwrap();
    let error = uow.commit().await.unwrap_err();
    assert!(error.is_foreign_key_violation() && !error.is_commit_unknown(), "{error:?}");
    assert!(values(&db).await.is_empty());
}

#[tokio::test]
async fn a_token_without_its_table_says_what_to_do() {
    let server = server().await;
    server.client().await.batch_execute("DROP TABLE persist_token").await.unwrap();
    let error = committed(&connect(server.url(), 1).await, 1, true).await.unwrap_err();
    assert!(
        error.to_string().contains("create it in a migration") && !error.is_commit_unknown(),
        "{error:?}"
    );
}

#[tokio::test]
async fn who_idled_for_too_long_is_rolled_back() {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work_builder().idle_timeout(Duration::from_millis(20)).build();
    publish(&uow, 1).unwrap();
    uow.flush().await.unwrap();
    let gone = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'";
    let client = server.client().await;
    while client.query_one(gone, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::task::yield_now().await;
    }
    let error = uow.commit().await.unwrap_err();
    // The server's last words may have been lost with the connection.
    let is_known = error.is_rolled_back() && error.is_retryable();
    assert!(is_known || error.is_commit_unknown(), "{error:?}");
    assert!(published(&db).await.is_empty());
}

#[tokio::test]
async fn sql_of_ones_own_cannot_end_a_unit_of_work() -> Result<(), Error> {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let hidden = [
        "COMMIT",
        ";COMMIT",
        "-- why\nCOMMIT",
        "-- why\rCOMMIT",
        "/* x */ COMMIT",
        "/* x /* y */ **/ /**/ -- z\n; ; /*/*/ */*/COMMIT;",
        "/* x */ SET search_path = x",
        "/* x */\tRollback/**/",
    ];
    for text in hidden {
        let uow = db.unit_of_work();
        insert(&uow, 1).await?;
        let error = Sql::unchecked(text).execute(&uow).await.expect_err(text);
        assert!(error.code().is_none() && error.is_invalid_query(), "{text}: {error:?}");
        uow.rollback().await?;
        assert!(values(&db).await.is_empty(), "{text}");
    }
    let uow = db.unit_of_work();
    let answer: i32 =
        Sql::unchecked(" ; /* COMMIT /* */ COMMIT */ -- COMMIT\n SELECT 1 /* COMMIT */").one(&uow).await?;
    assert_eq!(answer, 1);
    Ok(())
}

#[tokio::test]
async fn what_was_left_in_the_middle_is_said_once() -> Result<(), Error> {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    insert(&uow, 1).await?;
    let mut call = Box::pin(Sql::unchecked("SELECT pg_sleep(600)").execute(&uow));
    assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(call);
    let next = insert(&uow, 2).await.unwrap_err();
    let later = insert(&uow, 3).await.unwrap_err();
    for error in [next, later, uow.commit().await.unwrap_err()] {
        let cause = error.source().expect("a cause");
        assert!(error.is_rolled_back() && cause.source().is_none(), "{error:?}");
        assert!(cause.to_string().contains("did not come to an end"), "{error:?}");
    }
    assert!(values(&db).await.is_empty());
    Ok(())
}

/// Whoever drops the future of a commit can still ask.
#[tokio::test]
async fn what_became_of_a_commit_that_was_dropped() -> Result<(), Error> {
    let (_server, proxy, db, direct) = behind_a_proxy().await;
    let mut number = 0;
    for with_token in [true, false] {
        for point in [Point::client_messages(0), Point::server_messages(0), Point::server_messages(4)] {
            works(&db).await;
            number += 1;
            let builder = db.unit_of_work_builder();
            let uow = if with_token { builder.with_token().build() } else { builder.build() };
            publish(&uow, number)?;
            let outcome = uow.outcome();
            assert!(outcome.resolve().await.is_err_and(|error| error.is_invalid_query()));
            proxy.freeze(point);
            let commit = tokio::spawn(uow.commit());
            while proxy.faults_happened() < number as usize {
                tokio::task::yield_now().await;
            }
            commit.abort();
            assert!(commit.await.is_err_and(|ended| ended.is_cancelled()));
            proxy.heal();
            match outcome.resolve().await {
                Ok(is_committed) => {
                    assert!(with_token);
                    assert_eq!(published(&direct).await.contains(&number), is_committed);
                    assert_eq!(outcome.resolve().await?, is_committed);
                }
                Err(error) => assert!(!with_token && error.is_commit_unknown(), "{error:?}"),
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_became_of_a_commit() -> Result<(), Error> {
    let server = server().await;
    let db = connect(server.url(), 1).await;
    let uow = db.unit_of_work();
    let outcome = uow.outcome();
    publish(&uow, 1)?;
    drop(uow.commit());
    assert!(!outcome.resolve().await?, "nothing was sent");
    for fails in [false, true] {
        let uow = db.unit_of_work();
        let outcome = uow.outcome();
        insert(&uow, 1).await.unwrap_or_else(|error| assert!(fails, "{error:?}"));
        assert_eq!(uow.commit().await.is_ok(), !fails);
        assert_eq!(outcome.resolve().await?, !fails);
    }
    let mut client = server.client().await;
    let mut transaction = client.transaction().await.unwrap();
    let uow = UnitOfWork::within(&mut transaction);
    let outcome = uow.outcome();
    uow.commit().await?;
    assert!(outcome.resolve().await.is_err());
    Ok(())
}
