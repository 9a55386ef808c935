//! Behind PgBouncer in transaction mode, where each transaction may be on another connection to the server.

mod domain;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use domain::{NewPipeline, Pipeline, PipelineStep};
use persist::prelude::*;
use persist::{Error, Retry, Sql, StatementMode};
use persist_testkit::{PgBouncer, PgPool, Point, Proxy, ServerError, TestDatabase};
use uuid::Uuid;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const ROWS: u128 = 20;

/// Rows whose keys are 1 to [`ROWS`].
async fn filled() -> Result<TestDatabase> {
    let server = TestDatabase::new().await;
    let rows = "INSERT INTO pipelines (id, name, environment_variables) \
                SELECT lpad(to_hex(n), 32, '0')::uuid, 'p' || n, '{}' FROM generate_series(1, 20) n";
    server.client().await.batch_execute(rows).await?;
    Ok(server)
}

/// A pool behind PgBouncer in transaction mode, with so many connections to the server.
async fn behind(server: &TestDatabase, connections: u32) -> Option<PgBouncer> {
    PgBouncer::builder().pool_size(connections).max_prepared_statements(0).start(server).await
}

#[tokio::test]
async fn a_pooler_is_noticed_and_statements_are_not_named_there() -> Result {
    let server = filled().await?;
    let direct = Database::connect(server.url()).await?;
    direct.repository::<Pipeline>().count().await?;
    let status = direct.status();
    assert!(!status.is_behind_pooler);
    assert_eq!(status.statement_mode, StatementMode::Named);
    let names = "SELECT name FROM pg_prepared_statements";
    let found: Vec<String> = Sql::unchecked(names).all(&direct).await?;
    assert!(found.iter().all(|name| name.starts_with("persist_")) && !found.is_empty(), "{found:?}");

    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    let db = Database::connect(pooler.url()).await?;
    assert!(db.status().is_behind_pooler, "{:?}", db.status());
    assert_eq!(db.status().statement_mode, StatementMode::Unnamed);
    for _ in 0..3 {
        assert_eq!(db.repository::<Pipeline>().count().await?, ROWS as i64);
    }
    assert_eq!(Sql::unchecked(names).all::<String>(&db).await?, [""; 0]);

    let insisting =
        Database::builder().url(pooler.url()).statement_mode(StatementMode::Named).connect().await?;
    insisting.repository::<Pipeline>().count().await?;
    assert!(insisting.status().is_behind_pooler);
    assert_eq!(insisting.status().statement_mode, StatementMode::Named);
    assert_ne!(Sql::unchecked(names).all::<String>(&insisting).await?, [""; 0]);
    Ok(())
}

/// Who insists on names gets right answers where a call is alone, and a word about what to set where it is not.
#[tokio::test]
async fn names_that_another_server_does_not_know() -> Result {
    let server = filled().await?;
    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    let db = Database::builder()
        .url(pooler.url())
        .statement_mode(StatementMode::Named)
        .pool_size(1)
        .connect()
        .await?;
    let name = || Sql::unchecked("SELECT name FROM pipelines WHERE id = $1").bind(Uuid::from_u128(1));
    name().one::<String>(&db).await?;
    pooler.administer("RECONNECT").await;
    assert_eq!(name().one::<String>(&db).await?, "p1");

    pooler.administer("RECONNECT").await;
    let uow = db.unit_of_work();
    Sql::unchecked("SELECT 1").one::<i32>(&uow).await?;
    let error = name().one::<String>(&uow).await.unwrap_err();
    assert_eq!(error.code(), Some("26000"));
    assert!(error.is_retryable() && error.to_string().contains("`StatementMode::Unnamed`"), "{error}");
    drop(uow);

    name().one::<String>(&db).await?;
    pooler.administer("RECONNECT").await;
    let seen = db.transact(async |uow| {
        Sql::unchecked("SELECT 1").one::<i32>(uow).await?;
        name().one::<String>(uow).await
    });
    assert_eq!(seen.await?, "p1");
    Ok(())
}

/// That a server was told to forget all statements is no sign of a pooler.
#[tokio::test]
async fn forgotten_statements_are_prepared_again() -> Result {
    let server = filled().await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    for _ in 0..3 {
        assert_eq!(db.repository::<Pipeline>().count().await?, ROWS as i64);
        Sql::unchecked("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$").execute(&db).await?;
    }
    assert_eq!(db.repository::<Pipeline>().count().await?, ROWS as i64);
    assert_eq!(db.status().statement_mode, StatementMode::Named);
    Ok(())
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Whole {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(version)]
    version: i64,
    #[persist(has_many(table = "pipeline_steps"), order_by = "position")]
    steps: Vec<PipelineStep>,
}

/// Units of work, transactions, loads of several statements and streams, by several tasks at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_works_on_fewer_connections_than_there_are_callers() -> Result {
    let server = filled().await?;
    let Some(pooler) = behind(&server, 2).await else { return Ok(()) };
    let limit = Duration::from_secs(20);
    let db = Database::builder().url(pooler.url()).pool_size(6).statement_timeout(limit).connect().await?;
    let tasks: Vec<_> = (0..6).map(|task| tokio::spawn(worked(db.clone(), task))).collect();
    for task in tasks {
        task.await??;
    }
    let all: Vec<Whole> = db.repository::<Whole>().order_by(|p| p.name.asc()).all().await?;
    let mut streamed = Vec::new();
    let mut rows = db.repository::<Whole>().order_by(|p| p.name.asc()).stream();
    while let Some(row) = rows.try_next().await? {
        streamed.push((row.id, row.version, row.steps.len()));
    }
    drop(rows);
    assert_eq!(all.iter().map(|p| (p.id, p.version, p.steps.len())).collect::<Vec<_>>(), streamed);
    let steps: usize = all.iter().map(|pipeline| pipeline.steps.len()).sum();
    assert_eq!((all.len(), steps), (ROWS as usize, 6 * UNITS as usize));
    Ok(())
}

const UNITS: u128 = 40;

async fn worked(db: Database, task: u128) -> std::result::Result<(), Error> {
    for unit in 0..UNITS {
        let id = Uuid::from_u128((task + unit) % ROWS + 1);
        let step = Uuid::from_u128(1_000 + task * UNITS + unit);
        db.unit_of_work_builder()
            .retry(Retry::default().attempts(1_000))
            .transact(async |uow| {
                let mut pipeline =
                    uow.repository::<Whole>().filter(|p| p.id.eq(id)).for_update().one().await?;
                let position = pipeline.steps.len() as i32;
                let name = format!("s{step}");
                pipeline.steps.push(PipelineStep {
                    id: step,
                    pipeline_id: id,
                    position,
                    name,
                    enabled: true,
                    depends_on: None,
                });
                uow.save(&pipeline)
            })
            .await?;
        let read = db.repository::<Whole>().get(id).await?;
        assert!(read.steps.iter().any(|found| found.id == step), "step {unit} of task {task}");
        assert_eq!(read.name, format!("p{}", (task + unit) % ROWS + 1));
    }
    Ok(())
}

/// They are no startup parameters there, and another client of the pooler does not get them.
#[tokio::test]
async fn settings_reach_the_server_and_nobody_else() -> Result {
    let server =
        TestDatabase::with_sql("CREATE SCHEMA app; CREATE TABLE app.things (id int PRIMARY KEY)").await;
    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    for (url, is_pooler) in [(server.url(), false), (pooler.url(), true)] {
        let options = "options=-c%20search_path%3Dapp%2Cpublic%20-c%20persist.who%3Dme";
        let url = format!("{url}?{options}");
        let db =
            Database::builder().url(&url).statement_timeout(Duration::from_millis(300)).connect().await?;
        assert_eq!(db.status().is_behind_pooler, is_pooler);
        Sql::unchecked("INSERT INTO things VALUES (1)").execute(&db).await?;
        let shown = "SELECT concat_ws(' ', current_setting('statement_timeout'), current_setting('persist.who'), \
                     current_setting('TimeZone'), current_setting('DateStyle'))";
        let expected = "300ms me UTC ISO, MDY";
        assert_eq!(Sql::unchecked(shown).one::<String>(&db).await?, expected);
        let uow = db.unit_of_work_builder().statement_timeout(Duration::from_millis(900)).build();
        assert_eq!(Sql::unchecked(shown).one::<String>(&uow).await?, expected.replace("300", "900"));
        Sql::unchecked("DELETE FROM things").execute(&uow).await?;
        uow.commit().await?;
        let error = Sql::unchecked("SELECT pg_sleep(60)").execute(&db).await.unwrap_err();
        assert!(error.is_statement_timeout(), "{error:?}");
        // What cannot run in a transaction runs without.
        Sql::unchecked("VACUUM app.things").execute(&db).await?;

        if is_pooler {
            let other = pooler.client().await;
            let rows = other.query_typed("SELECT current_setting('statement_timeout')", &[]).await?;
            assert_eq!(rows[0].get::<_, &str>(0), "0");
            assert!(other.query_typed("TABLE things", &[]).await.is_err());
        }
    }
    Ok(())
}

/// A call by itself has a transaction there, whose COMMIT may be done although its answer was lost.
#[tokio::test]
async fn a_call_whose_commit_was_not_answered_is_not_known_to_have_failed() -> Result {
    let server = filled().await?;
    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    let proxy = Proxy::start(&pooler).await;
    let limit = Duration::from_secs(20);
    let db = Database::builder().url(proxy.url()).statement_timeout(limit).connect().await?;
    proxy.answer_commit(ServerError::new("ERROR", "08P01").without_severity());
    let error = Sql::unchecked("DELETE FROM pipelines").execute(&db).await.unwrap_err();
    assert!(error.is_connection_lost(), "{error:?}");
    assert_eq!(db.repository::<Pipeline>().count().await?, 0);
    Ok(())
}

/// There a call by itself is committed, too, before it is known that its row cannot be read.
#[tokio::test]
async fn a_write_whose_row_cannot_be_read_is_known_to_be_committed() -> Result {
    let server = filled().await?;
    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    let trigger = "CREATE FUNCTION odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.created_at = 'infinity'; RETURN NEW; END $$;
        CREATE TRIGGER odd BEFORE INSERT ON pipelines FOR EACH ROW EXECUTE FUNCTION odd()";
    server.client().await.batch_execute(trigger).await?;
    let limit = Duration::from_secs(20);
    for (url, name) in [(server.url(), "direct"), (pooler.url(), "pooled")] {
        let db = Database::builder().url(url).statement_timeout(limit).connect().await?;
        let new = NewPipeline::new(name, BTreeMap::new());
        let error = db.repository::<Pipeline>().insert(new).await.unwrap_err();
        assert!(error.is_committed(), "{name}: {error:?}");
        assert_eq!(db.repository::<Pipeline>().filter(|p| p.name.eq(name)).count().await?, 1);
    }
    Ok(())
}

/// A call by itself whose COMMIT is not answered says that it has waited too long, not that the connection was lost.
#[tokio::test]
async fn a_server_that_stops_answering_is_a_time_out() -> Result {
    let server = filled().await?;
    let Some(pooler) = behind(&server, 1).await else { return Ok(()) };
    let proxy = Proxy::start(&pooler).await;
    let limit = Duration::from_millis(100);
    let db = Database::builder().url(proxy.url()).statement_timeout(limit).connect().await?;
    assert_eq!(db.repository::<Pipeline>().count().await?, ROWS as i64);
    proxy.freeze(Point::server_messages(0));
    let error = Sql::unchecked("SELECT 1").execute(&db).await.unwrap_err();
    assert!(error.is_statement_timeout() && !error.is_connection_lost(), "{error:?}");
    Ok(())
}

/// Behind pgpool-II, too, whatever the database says.
#[tokio::test]
async fn sessions_are_set_as_they_are_counted_on() -> Result {
    let server = filled().await?;
    let name = server.name();
    let odd = format!(
        "ALTER DATABASE {name} SET timezone = 'Europe/Berlin'; ALTER DATABASE {name} SET datestyle = 'SQL, DMY'"
    );
    server.client().await.batch_execute(&odd).await?;
    let Some(pooler) = PgPool::start(&server, 4).await else { return Ok(()) };
    let db = Database::builder().url(pooler.url()).pool_size(1).connect().await?;
    let shown = "SELECT concat_ws(' ', current_setting('TimeZone'), current_setting('DateStyle'))";
    let found: String = Sql::unchecked(shown).one(&db).await?;
    assert!(found.starts_with("UTC ISO"), "{found}");
    assert_eq!(db.repository::<Pipeline>().count().await?, ROWS as i64);
    Ok(())
}

/// What a program is told.
const ROLE: &str = "PERSIST_TEST_ROLE";
const URL: &str = "PERSIST_TEST_URL";
const MODE: &str = "PERSIST_TEST_MODE";

/// Names of statements are counted by each program, so it takes two of them to mix them up. This test runs itself
/// twice: one program only finds rows, the other only deletes what does not exist.
#[tokio::test]
async fn two_programs_do_not_run_each_others_statements() -> Result {
    if let Ok(role) = std::env::var(ROLE) {
        return program(&role).await;
    }
    for mode in ["default", "named"] {
        for size in [1, 2] {
            let server = filled().await?;
            let builder = PgBouncer::builder().pool_size(size).max_prepared_statements(0);
            let Some(pooler) = builder.start(&server).await else { return Ok(()) };
            let started = ["finds", "deletes"].map(|role| {
                Command::new(std::env::current_exe().expect("this program"))
                    .args(["--exact", "two_programs_do_not_run_each_others_statements", "--nocapture"])
                    .envs([(ROLE, role), (URL, pooler.url()), (MODE, mode)])
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
            });
            for program in started {
                let ended = program?.wait_with_output()?;
                let said = String::from_utf8_lossy(&ended.stderr);
                assert!(ended.status.success(), "{mode}, {size} connections: {said}");
            }
            let left: i64 =
                server.client().await.query_one("SELECT count(*) FROM pipelines", &[]).await?.get(0);
            assert_eq!(left, ROWS as i64, "{mode}, {size} connections");
        }
    }
    Ok(())
}

async fn program(role: &str) -> Result {
    let mode = match std::env::var(MODE)?.as_str() {
        "named" => StatementMode::Named,
        _ => StatementMode::default(),
    };
    let db =
        Database::builder().url(&std::env::var(URL)?).pool_size(3).statement_mode(mode).connect().await?;
    let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(calls(db.clone(), role.to_owned()))).collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn calls(db: Database, role: String) -> std::result::Result<(), Error> {
    let pipelines = db.repository::<Pipeline>();
    for call in 0..400 {
        if role == "finds" {
            let id = Uuid::from_u128(call % ROWS + 1);
            let found = pipelines.find(id).await?.map(|pipeline| (pipeline.id, pipeline.name));
            assert_eq!(found, Some((id, format!("p{}", call % ROWS + 1))));
            assert_eq!(pipelines.count().await?, ROWS as i64);
        } else {
            assert!(!pipelines.delete(Uuid::from_u128(1_000 + call)).await?);
        }
    }
    Ok(())
}

/// A pooler passes a request to cancel on while the connection is there that it is for.
#[tokio::test]
async fn calls_that_are_dropped_are_cancelled() -> Result {
    let server = filled().await?;
    let Some(pooler) = PgBouncer::builder().pool_size(3).start(&server).await else { return Ok(()) };
    let db = Database::builder().url(pooler.url()).pool_size(3).connect().await?;
    let observer = server.client().await;
    let sleeping = async |calls: i64| -> Result {
        let count = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
        let reached = async {
            while observer.query_one(count, &[]).await?.get::<_, i64>(0) != calls {
                tokio::task::yield_now().await;
            }
            Ok::<_, tokio_postgres::Error>(())
        };
        Ok(tokio::time::timeout(Duration::from_secs(60), reached).await??)
    };
    for in_units in [false, true] {
        let calls: Vec<_> = (0..3)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    let call = Sql::unchecked("SELECT pg_sleep(600)");
                    match in_units {
                        true => call.execute(&db.unit_of_work()).await,
                        false => call.execute(&db).await,
                    }
                })
            })
            .collect();
        sleeping(3).await?;
        calls.iter().for_each(tokio::task::JoinHandle::abort);
        sleeping(0).await?;
        for call in calls {
            assert!(call.await.is_err_and(|ended| ended.is_cancelled()));
        }
    }
    Ok(())
}
