//! A database over a pool that the program has: the same rows, the same round trips, the same answers about a commit.

mod aggregate;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use aggregate::{NewPipeline, NewStep, Pipeline, Step};
use deadpool_postgres::{Manager, Pool, Runtime};
use persist::prelude::*;
use persist::{Error, Sql, StatementMode};
use persist_testkit::{PgBouncer, Proxy, ServerError, TestDatabase, assert_round_trips};
use tokio_postgres::{Config, NoTls};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const A_MINUTE: Duration = Duration::from_secs(60);

fn lent(config: Config, size: usize) -> Result<Pool> {
    Ok(Pool::builder(Manager::new(config, NoTls)).runtime(Runtime::Tokio1).max_size(size).build()?)
}

fn new(name: &str) -> NewPipeline {
    let steps = [NewStep::new(Parent, "extract").position(1), NewStep::new(Parent, "load").position(2)];
    NewPipeline::new(name, BTreeMap::new()).steps(steps)
}

/// One of each kind of call. Answers what was stored.
async fn all_kinds(db: &Database, name: &str) -> std::result::Result<Vec<Pipeline>, Error> {
    let pipelines = db.repository::<Pipeline>();
    let stored = pipelines.insert(new(name)).await?;
    let uow = db.unit_of_work();
    let mut read = uow.repository::<Pipeline>().get(stored.id).await?;
    read.is_active = false;
    read.steps.remove(0);
    uow.save(&read)?;
    uow.commit().await?;
    db.repository::<Step>().filter(|s| s.name.eq("load")).update(|s| s.position.set(s.position + 7)).await?;
    pipelines.filter(|p| p.name.eq(name)).order_by(|p| p.created_at.desc()).all().await
}

#[tokio::test]
async fn does_what_a_pool_of_its_own_does_in_as_many_round_trips() -> Result {
    let server = TestDatabase::new().await;
    let (own_proxy, proxy) = (Proxy::start(&server).await, Proxy::start(&server).await);
    let own = Database::builder().url(own_proxy.url()).pool_size(1).connect().await?;
    let pool = lent(proxy.config(), 1)?;
    let db = Database::from_pool(pool.clone());
    // The first time they are met connections are opened and looked at.
    assert_eq!(db.repository::<Pipeline>().count().await?, 0);
    for round in 0..3 {
        let mark = own_proxy.mark();
        let expected = all_kinds(&own, &format!("own {round}")).await?;
        let trips = mark.round_trips(&own_proxy);
        let found = assert_round_trips!(proxy, trips, all_kinds(&db, &format!("lent {round}")).await?);
        for (found, whose) in [(&found, "lent"), (&expected, "own")] {
            let [pipeline] = &found[..] else { panic!("{whose}: {found:?}") };
            let steps: Vec<&str> = pipeline.steps.iter().map(|step| &*step.name).collect();
            assert_eq!(
                (pipeline.is_active, pipeline.version, &*steps),
                (false, 2, &["load"][..]),
                "{whose} {round}"
            );
        }
    }
    // What is prepared stays with the client, which the program uses besides.
    let client = pool.get().await?;
    let prepared = "SELECT count(*) FROM pg_prepared_statements";
    assert!(client.query_one(prepared, &[]).await?.get::<_, i64>(0) > 3);
    drop(client);
    assert_round_trips!(proxy, 1, db.repository::<Pipeline>().count().await?);
    assert_eq!((db.status().size, db.status().in_use, db.status().max_size), (1, 0, 1));
    Ok(())
}

#[tokio::test]
async fn an_error_is_no_commit_and_the_client_goes_back() -> Result {
    let server = TestDatabase::new().await;
    let pool = lent(server.config(), 1)?;
    let db = Database::from_pool(pool.clone());
    let process = "SELECT pg_backend_pid()";
    let first: i32 = Sql::unchecked(process).one(&db).await?;
    db.repository::<Pipeline>().insert(new("nightly")).await?;
    let uow = db.unit_of_work();
    uow.insert(new("other"))?;
    uow.insert(new("nightly"))?;
    let error = uow.commit().await.expect_err("a name that is taken");
    assert!(error.is_unique_violation() && !error.is_commit_unknown() && !error.is_committed(), "{error:?}");

    let deferred = "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS \
                    'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''23514''; END'; \
                    CREATE CONSTRAINT TRIGGER late AFTER INSERT ON tags DEFERRABLE INITIALLY DEFERRED \
                    FOR EACH ROW EXECUTE FUNCTION no()";
    server.client().await.batch_execute(deferred).await?;
    let uow = db.unit_of_work();
    uow.insert(aggregate::NewTag::new("late"))?;
    let error = uow.commit().await.expect_err("COMMIT itself fails");
    assert!(
        error.code() == Some("23514") && !error.is_commit_unknown() && !error.is_committed(),
        "{error:?}"
    );

    assert_eq!(db.repository::<Pipeline>().count().await?, 1);
    assert_eq!(Sql::unchecked("SELECT count(*) FROM tags").one::<i64>(&db).await?, 0);
    let uow = db.unit_of_work();
    uow.repository::<Pipeline>().filter(|p| p.name.eq("nightly")).delete().await?;
    drop(uow);
    assert_eq!(db.repository::<Pipeline>().count().await?, 1);
    let last: i32 = Sql::unchecked(process).one(&db).await?;
    assert_ne!(first, last, "what was rolled back by dropping was rolled back by closing");
    Ok(())
}

#[tokio::test]
async fn a_violation_does_not_cost_the_connection() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::from_pool(lent(server.config(), 1)?);
    let process = "SELECT pg_backend_pid()";
    let first: i32 = Sql::unchecked(process).one(&db).await?;
    for _ in 0..3 {
        let uow = db.unit_of_work();
        uow.insert(new("one"))?;
        uow.insert(new("one"))?;
        assert!(uow.commit().await.expect_err("twice the same name").is_unique_violation());
    }
    assert_eq!(Sql::unchecked(process).one::<i32>(&db).await?, first);
    Ok(())
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_unknown_and_found_out() -> Result {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    let db = Database::from_pool(lent(proxy.config(), 1)?);
    let mut seen = [0, 0];
    for after in 0..24 {
        db.repository::<Pipeline>().count().await?;
        let name = format!("after {after}");
        let uow = db.unit_of_work_builder().with_token().build();
        uow.insert(new(&name))?;
        proxy.cut(persist_testkit::Point::server_messages(after));
        let outcome = tokio::time::timeout(A_MINUTE, uow.commit()).await?;
        proxy.heal();
        let committed = match outcome {
            Ok(_) => true,
            Err(error) => match error.unknown_commit() {
                Some(unknown) => unknown.resolve(&db).await?,
                None => error.is_committed(),
            },
        };
        let stored = db.repository::<Pipeline>().filter(|p| p.name.eq(&name)).count().await?;
        assert_eq!(stored, i64::from(committed), "{name}");
        seen[usize::from(committed)] += 1;
    }
    assert!(seen[1] > 0, "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn what_comes_in_the_place_of_an_answer_is_not_believed() -> Result {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    let db = Database::from_pool(lent(proxy.config(), 1)?);
    db.repository::<Pipeline>().count().await?;
    let uow = db.unit_of_work();
    uow.insert(new("committed"))?;
    proxy.answer_commit(ServerError::new("FATAL", "57P01").without_severity());
    let error = uow.commit().await.expect_err("an answer that is none");
    assert!(error.is_commit_unknown(), "{error:?}");
    let uow = db.unit_of_work();
    uow.insert(new("after an answer to BEGIN"))?;
    proxy.answer_begin(ServerError::new("ERROR", "57014"));
    let error = uow.commit().await.expect_err("an answer that is none");
    assert!(error.is_committed(), "what follows was done as if nothing was: {error:?}");
    assert_eq!(db.repository::<Pipeline>().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn times_are_exact_in_any_zone_and_the_session_keeps_its_own() -> Result {
    let server = TestDatabase::new().await;
    let mut config = server.config();
    config.options("-c TimeZone=Europe/Berlin -c DateStyle=SQL,DMY -c IntervalStyle=sql_standard");
    let pool = lent(config, 1)?;
    let db = Database::from_pool(pool.clone());
    let own = Database::connect(server.url()).await?;
    for name in ["a", "b"] {
        let stored = db.repository::<Pipeline>().insert(new(name)).await?;
        let page =
            db.repository::<Pipeline>().order_by(|p| p.created_at.desc()).page(PageRequest::first(1)).await?;
        assert_eq!(page.items, std::slice::from_ref(&stored));
        assert_eq!(own.repository::<Pipeline>().get(stored.id).await?, stored);
    }
    let here = "SELECT current_setting('TimeZone') || ' ' || current_setting('DateStyle')";
    assert_eq!(Sql::unchecked(here).one::<String>(&db).await?, "UTC ISO, DMY");
    assert_eq!(pool.get().await?.query_one(here, &[]).await?.get::<_, String>(0), "Europe/Berlin SQL, DMY");
    Ok(())
}

#[tokio::test]
async fn what_is_dropped_or_takes_too_long_closes_its_connection() -> Result {
    let server = TestDatabase::new().await;
    let pool = lent(server.config(), 1)?;
    let db = Database::builder().statement_timeout(Duration::from_millis(200)).from_pool(pool.clone())?;
    let error = Sql::unchecked("SELECT pg_sleep(60)").execute(&db).await.expect_err("a time limit");
    assert_eq!(error.code(), Some("57014"), "{error:?}");
    assert_eq!(pool.status().size, 1);
    // The future is polled once: its statement has left.
    let sleeping = Sql::unchecked("SELECT pg_sleep(0.1)");
    assert!(tokio::time::timeout(Duration::from_millis(30), sleeping.execute(&db)).await.is_err());
    assert_eq!(pool.status().size, 0);
    assert_eq!(db.repository::<Pipeline>().count().await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_full_pool_and_a_closed_one_say_so() -> Result {
    let server = TestDatabase::new().await;
    let pool = lent(server.config(), 1)?;
    let db = Database::builder().acquire_timeout(Duration::from_millis(50)).from_pool(pool.clone())?;
    let client = pool.get().await?;
    let error = db.repository::<Pipeline>().count().await.expect_err("no client is free");
    assert!(error.is_pool_timeout(), "{error:?}");
    drop(client);
    db.repository::<Pipeline>().count().await?;
    db.close();
    assert!(db.repository::<Pipeline>().count().await.expect_err("closed").is_pool_closed());
    let again = Database::from_pool(pool.clone());
    again.repository::<Pipeline>().count().await?;
    pool.close();
    assert!(again.repository::<Pipeline>().count().await.expect_err("closed").is_pool_closed());
    let nowhere = Database::from_pool(lent("host=/nowhere user=nobody".parse()?, 1)?);
    assert!(nowhere.repository::<Pipeline>().count().await.expect_err("no server").is_connect());
    let error = Database::builder().pool_size(3).from_pool(lent(server.config(), 1)?).expect_err("a setting");
    assert_eq!(error.to_string(), "`pool_size` is a matter of the pool that was given: say it there");
    Ok(())
}

#[tokio::test]
async fn a_relay_polls_and_does_not_listen() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::from_pool(lent(server.config(), 2)?);
    let handler = async |_: persist::outbox::Message| Ok::<(), std::io::Error>(());
    let relay = persist::outbox::Relay::new(&db);
    assert_eq!(relay.run_once(handler).await?, persist::outbox::Handed::default());
    let relay = relay.listen("events");
    let listening = pin!(relay.run(handler, std::future::pending::<()>()));
    let error = tokio::time::timeout(A_MINUTE, listening).await?.expect_err("no connection to listen on");
    assert!(error.is_configuration(), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_pooler_is_noticed_by_the_process_that_answers() -> Result {
    let server = TestDatabase::new().await;
    let direct = Database::from_pool(lent(server.config(), 1)?);
    direct.repository::<Pipeline>().count().await?;
    assert!(!direct.status().is_behind_pooler);
    let Some(pooler) = PgBouncer::builder().pool_size(2).max_prepared_statements(0).start(&server).await
    else {
        return Ok(());
    };
    let db = Database::from_pool(lent(pooler.config(), 4)?);
    let calls = (0..8).map(|n| {
        let db = db.clone();
        tokio::spawn(async move { all_kinds(&db, &format!("{n}")).await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await??;
    }
    assert_eq!((db.status().is_behind_pooler, db.status().statement_mode), (true, StatementMode::Unnamed));
    assert_eq!(db.repository::<Pipeline>().count().await?, 8);
    Ok(())
}

/// It is `Send` and small, as that of a pool of its own.
#[test]
fn its_futures_can_be_spawned() {
    fn is_send(_: &(impl Future + Send)) {}
    let call = |db: Database| async move { db.repository::<Pipeline>().count().await };
    let _ = |db: Database| is_send(&call(db));
}
