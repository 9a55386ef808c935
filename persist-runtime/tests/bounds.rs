//! Settings and values at their ends, and runtimes that stand still: an answer, or an error that says what is wrong.
#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

use std::time::Duration;

use persist_runtime::{Database, DatabaseBuilder, Error, Isolation, Retry, Sql};
use persist_testkit::TestDatabase;
use tokio::runtime::{Builder, Runtime};

async fn one(db: &Database) -> Result<i32, Error> {
    Sql::unchecked("SELECT 1").one(db).await
}

#[tokio::test]
async fn a_pool_is_as_large_as_a_server_can_be() {
    let server = TestDatabase::empty().await;
    for size in [0, 262_144, 1 << 40, usize::MAX] {
        let error = Database::builder().url(server.url()).pool_size(size).connect().await.unwrap_err();
        assert!(error.is_configuration() && error.to_string().contains("`pool_size`"), "{error:?}");
    }
    let db = Database::builder().url(server.url()).pool_size(262_143).connect().await.unwrap();
    assert_eq!(one(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn no_duration_is_too_short_or_too_long() {
    let server = TestDatabase::empty().await;
    let settings: [fn(DatabaseBuilder, Duration) -> DatabaseBuilder; 5] = [
        DatabaseBuilder::acquire_timeout,
        DatabaseBuilder::statement_timeout,
        DatabaseBuilder::max_lifetime,
        DatabaseBuilder::idle_check,
        |builder, limit| builder.statement_cache(usize::try_from(limit.as_secs()).unwrap()),
    ];
    for limit in [Duration::ZERO, Duration::MAX] {
        for set in settings {
            let db = set(Database::builder().url(server.url()).pool_size(1), limit).connect().await.unwrap();
            for _again in 0..3 {
                assert_eq!(one(&db).await.unwrap(), 1);
            }
            Sql::unchecked("SELECT 1 FROM pg_sleep(0.01)").execute(&db).await.unwrap();
        }
        let db = Database::connect(server.url()).await.unwrap();
        let retry = Retry::default().base(limit).cap(limit).budget(limit);
        let terms = db.unit_of_work_builder().isolation(Isolation::Serializable).retry(retry);
        let uow = terms.statement_timeout(limit).lock_timeout(limit).idle_timeout(limit).build();
        let _: i32 = Sql::unchecked("SELECT 1 FROM pg_sleep(0.01)").one(&uow).await.unwrap_or(1);
        uow.commit().await.unwrap();
    }
    let builder = Database::builder().url(server.url());
    let error = builder.connect_timeout(Duration::ZERO).connect().await.unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("`connect_timeout`"), "{error:?}");
    let db = Database::builder().url(server.url()).connect_timeout(Duration::MAX).connect().await.unwrap();
    assert_eq!(one(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn an_empty_pool_with_no_patience_says_so_at_once() {
    let server = TestDatabase::empty().await;
    let builder = Database::builder().url(server.url()).pool_size(1).acquire_timeout(Duration::ZERO);
    let db = builder.connect().await.unwrap();
    let uow = db.unit_of_work();
    Sql::unchecked("SELECT 1").execute(&uow).await.unwrap();
    let error = one(&db).await.unwrap_err();
    assert!(error.is_pool_timeout(), "{error:?}");
}

#[tokio::test]
async fn a_value_that_no_message_holds_is_not_sent() {
    let server = TestDatabase::empty().await;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await.unwrap();
    let backend = async || Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap();
    let pid = backend().await;
    // Zeros that nobody reads take no memory.
    let value = vec![0_u8; 1_100_000_000];
    let error = Sql::unchecked("SELECT length($1)").bind(value).one::<i32>(&db).await.unwrap_err();
    assert!(error.is_encode() && error.to_string().contains("1 GB"), "{error:?}");
    assert_eq!(backend().await, pid);
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_runtime_that_stands_still_holds_nobody_up() {
    let (first, second) = (current_thread(), current_thread());
    let server = first.block_on(TestDatabase::empty());
    let db = first.block_on(Database::builder().url(server.url()).pool_size(1).connect()).unwrap();
    first.block_on(async { one(&db).await.unwrap() });
    // Nobody runs the first one any more, and what it has opened is in the pool.
    second.block_on(async {
        let limit = Duration::from_secs(20);
        assert_eq!(tokio::time::timeout(limit, one(&db)).await.expect("it answers").unwrap(), 1);
    });
    first.block_on(async { one(&db).await.unwrap() });
}

#[test]
fn without_a_runtime_it_is_said_what_is_missing() {
    let runtime = current_thread();
    let server = runtime.block_on(TestDatabase::empty());
    let db = runtime.block_on(Database::builder().url(server.url()).pool_size(1).connect()).unwrap();
    let error = futures_util::FutureExt::now_or_never(one(&db)).expect("it answers at once").unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("no Tokio runtime"), "{error:?}");
    runtime.block_on(async { one(&db).await.unwrap() });
}
