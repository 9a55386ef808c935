//! The pool: the error of a caller that has waited, what a loan costs, which connections are replaced.

use std::error::Error as _;
use std::time::{Duration, Instant};

use persist_runtime::{Database, DatabaseBuilder, Error, Sql};
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};

fn builder(url: &str) -> DatabaseBuilder {
    Database::builder().url(url).pool_size(1)
}

async fn backend(db: &Database) -> Result<i32, Error> {
    Sql::unchecked("SELECT pg_backend_pid()").one(db).await
}

/// Holds a connection until the answer is taken.
fn hold(db: &Database, seconds: &'static str) -> tokio::task::JoinHandle<Result<u64, Error>> {
    let db = db.clone();
    tokio::spawn(async move { Sql::unchecked(format!("SELECT pg_sleep({seconds})")).execute(&db).await })
}

async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_time_out_says_what_it_waited_for() {
    let database = TestDatabase::empty().await;
    let limit = Duration::from_millis(300);
    let db = builder(database.url()).acquire_timeout(limit).connect().await.unwrap();
    let holder = hold(&db, "60");
    until(|| db.status().in_use == 1).await;
    let waiting = tokio::spawn({
        let db = db.clone();
        async move { backend(&db).await }
    });
    until(|| db.status().waiting == 1).await;
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is_pool_timeout() && error.is_timeout() && !error.is_connect());
    let text = error.to_string();
    assert!(
        text.starts_with("no connection became free within 300.0ms: 1 of 1 are in use, the longest for "),
        "{text}"
    );
    let held = text.split("the longest for ").nth(1).unwrap().split("ms").next().unwrap();
    assert!(held.parse::<f64>().unwrap() >= 300.0, "{text}");
    assert!(error.source().is_none());
    holder.abort();
    assert!(holder.await.unwrap_err().is_cancelled());
    backend(&db).await.unwrap();
}

#[tokio::test]
async fn a_time_out_remembers_why_no_connection_could_be_opened() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let builder = Database::builder().url(proxy.url()).pool_size(2);
    let db = builder.acquire_timeout(Duration::from_millis(300)).connect().await.unwrap();
    let holder = hold(&db, "60");
    until(|| db.status().in_use == 1).await;
    proxy.refuse();
    assert!(backend(&db).await.unwrap_err().is_connect());
    // The second place is taken by a call that hangs while it connects.
    proxy.heal();
    proxy.next_connection().freeze(persist_testkit::Point::client_messages(0));
    let hanging = hold(&db, "0");
    until(|| proxy.faults_happened() > 0 || hanging.is_finished()).await;
    let error = backend(&db).await.unwrap_err();
    assert!(error.is_pool_timeout(), "{error:?}");
    assert!(error.source().unwrap().to_string().starts_with("no PostgreSQL server answers"), "{error:?}");
    hanging.abort();
    holder.abort();
}

#[tokio::test]
async fn a_loan_sends_nothing_unless_the_connection_was_idle_for_long() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = builder(proxy.url()).connect().await.unwrap();
    let pid = backend(&db).await.unwrap();
    assert_round_trips!(proxy, 1, backend(&db).await.unwrap());

    let checking = builder(proxy.url()).idle_check(Duration::ZERO).connect().await.unwrap();
    backend(&checking).await.unwrap();
    assert_round_trips!(proxy, 2, backend(&checking).await.unwrap());
    assert_eq!(backend(&db).await.unwrap(), pid);
}

#[tokio::test]
async fn idling_begins_when_the_last_loan_ended() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = builder(proxy.url()).idle_check(Duration::from_secs(1)).connect().await.unwrap();
    backend(&db).await.unwrap();
    Sql::unchecked("SELECT pg_sleep(1.1)").execute(&db).await.unwrap();
    assert_round_trips!(proxy, 1, backend(&db).await.unwrap());
}

#[tokio::test]
async fn an_idle_connection_that_died_in_silence_is_replaced() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let builder = builder(proxy.url()).idle_check(Duration::ZERO).connect_timeout(Duration::from_millis(300));
    let db = builder.connect().await.unwrap();
    let pid = backend(&db).await.unwrap();
    // What is open stays silent; new connections are not concerned.
    proxy.freeze_now();
    assert_ne!(backend(&db).await.unwrap(), pid);
}

#[tokio::test]
async fn one_dead_connection_casts_suspicion_on_all_that_idled_with_it() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let limit = Duration::from_millis(500);
    let builder = Database::builder().url(proxy.url()).pool_size(5);
    let db = builder.idle_check(Duration::ZERO).connect_timeout(limit).connect().await.unwrap();
    let holders: Vec<_> = (0..5).map(|_| hold(&db, "0.3")).collect();
    for holder in holders {
        holder.await.unwrap().unwrap();
    }
    assert_eq!(db.status().size, 5);
    proxy.freeze_now();
    let started = Instant::now();
    backend(&db).await.unwrap();
    assert!(started.elapsed() < limit * 3, "{:?}", started.elapsed());
    assert_eq!(db.status().size, 1);
}

#[tokio::test]
async fn old_connections_are_replaced() {
    let database = TestDatabase::empty().await;
    let db = builder(database.url()).max_lifetime(Duration::ZERO).connect().await.unwrap();
    let pid = backend(&db).await.unwrap();
    assert_ne!(backend(&db).await.unwrap(), pid);
    let db = builder(database.url()).max_lifetime(Duration::MAX).connect().await.unwrap();
    let pid = backend(&db).await.unwrap();
    assert_eq!(backend(&db).await.unwrap(), pid);
}

#[tokio::test]
async fn a_closed_pool_refuses_and_says_goodbye_to_the_server() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = Database::builder().url(proxy.url()).connect().await.unwrap();
    let status = db.status();
    assert_eq!((status.max_size, status.size, status.in_use, status.waiting), (10, 1, 0, 0));
    let copy = db.clone();
    db.close();
    let error = backend(&copy).await.unwrap_err();
    assert!(error.is_pool_closed() && error.to_string().contains("Database::close"), "{error}");
    until(|| proxy.open_connections() == 0).await;
}

/// What a statement of the caller's own leaves in its session, nobody else finds.
#[tokio::test]
async fn the_next_caller_finds_nothing() {
    let server = TestDatabase::empty().await;
    let sql = "CREATE TABLE temp (a int);
        CREATE PROCEDURE leave() LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('test.remains', '1', false); END $$";
    server.client().await.batch_execute(sql).await.unwrap();
    let db = Database::builder().url(server.url()).pool_size(1).connect().await.unwrap();
    let process = async || Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap();
    let leaves = [
        "CREATE TEMP TABLE x (a int)",
        "CREATE TEMPORARY VIEW x AS SELECT 1 AS a",
        "SELECT 1 AS a INTO TEMP x",
        "CREATE TABLE pg_temp.x (a int)",
        "DO $$ BEGIN PERFORM set_config('test.remains', '1', false); END $$",
        "DO $$ BEGIN SET search_path = pg_catalog; END $$",
        "DO $$ BEGIN EXECUTE 'SET test.remains = ''1'''; END $$",
        "DO $$ BEGIN CREATE TEMP TABLE x (a int); END $$",
        "SELECT set_config('test.remains', '1', false)",
        "CALL leave()",
    ];
    for text in leaves {
        for in_unit in [false, true] {
            let before = process().await;
            if in_unit {
                let uow = db.unit_of_work();
                Sql::unchecked(text).execute(&uow).await.unwrap();
                Sql::unchecked("SELECT 1").execute(&uow).await.unwrap();
                uow.commit().await.unwrap();
            } else {
                Sql::unchecked(text).execute(&db).await.unwrap();
            }
            let left: (Option<String>, Option<String>, String) = Sql::unchecked(
                "SELECT to_regclass('pg_temp.x')::text, current_setting('test.remains', true), current_setting('search_path')",
            )
            .one(&db)
            .await
            .unwrap();
            assert_eq!(left, (None, None, "\"$user\", public".to_owned()), "{text}");
            assert_ne!(process().await, before, "{text}");
        }
    }
    let before = process().await;
    for text in
        ["SELECT a FROM temp", "INSERT INTO temp VALUES (1)", "SELECT set_config('test.remains', '1', true)"]
    {
        Sql::unchecked(text).execute(&db).await.unwrap();
        assert_eq!(process().await, before, "{text}");
    }
}
