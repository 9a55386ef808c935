//! Behind PgBouncer in transaction mode, where each transaction may be on another connection to the server.

mod domain;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use domain::{NewPipeline, Pipeline};
use persist::prelude::*;
use persist::{Error, Sql, StatementMode};
use persist_testkit::{PgBouncer, TestDatabase};
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
