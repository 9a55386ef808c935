//! Whole parents come and go while they are loaded: none is ever seen with a part of its children.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use persist::prelude::*;
use persist_testkit::{Random, TestDatabase};

use crate::Result;
use crate::fill::{self, EXECUTIONS, LOGS, RUNS, SLOTS, STEPS};
use crate::property::streamed;
use crate::shapes::keys::{Sibling, Timetable};
use crate::shapes::pipelines::Nested;

/// Parents that are there at a time.
const ALIVE: usize = 30;

/// Stores parents with their children, each in one transaction, and deletes them again.
async fn write(server: &TestDatabase, is_over: &AtomicBool, written: &AtomicUsize) -> Result {
    let client = server.client().await;
    let mut random = Random::new(1);
    for number in ALIVE + 1.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let (new, old) = (fill::pipelines(number, number), number - ALIVE);
        // The one after the other, both at once, or the children before their parent.
        let delete = format!("DELETE FROM pipelines WHERE name = 'p{old}';");
        // Children go, each with its own children, and others come, while their parent stays as it is.
        let staying = number - 1 - random.below(ALIVE - 1);
        let exchange = format!(
            "BEGIN; DELETE FROM pipeline_executions WHERE pipeline_id = md5('p{staying}')::uuid; COMMIT; BEGIN;
             WITH new AS (INSERT INTO pipeline_executions (id, pipeline_id, execution_number)
                 SELECT gen_random_uuid(), md5('p{staying}')::uuid, n FROM generate_series(1, {EXECUTIONS}) n
                 RETURNING id)
             INSERT INTO execution_logs (execution_id, message)
                 SELECT id, '' FROM new, generate_series(1, {LOGS}); COMMIT"
        );
        client.batch_execute(&exchange).await?;
        let children = format!("DELETE FROM pipeline_steps WHERE pipeline_id = md5('p{old}')::uuid;");
        match random.below(3) {
            0 => client.batch_execute(&format!("BEGIN; {new} COMMIT; BEGIN; {delete} COMMIT")).await?,
            1 => client.batch_execute(&format!("BEGIN; {new} {delete} COMMIT")).await?,
            _ => client.batch_execute(&format!("BEGIN; {children} {delete} {new} COMMIT")).await?,
        }
        written.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

fn check(way: &str, pipelines: &[Nested]) {
    check_children(way, pipelines);
    for pipeline in pipelines {
        let logs: Vec<usize> = pipeline.executions.iter().map(|execution| execution.logs.len()).collect();
        assert_eq!(logs, vec![LOGS; logs.len()], "{way}: {}", pipeline.name);
    }
}

fn check_children(way: &str, pipelines: &[Nested]) {
    for pipeline in pipelines {
        let found = (pipeline.owner.is_some(), pipeline.steps.len(), pipeline.tags.len());
        assert_eq!(found, (true, STEPS, 1), "{way}: {}", pipeline.name);
        assert!([0, EXECUTIONS].contains(&pipeline.executions.len()), "{way}: {}", pipeline.name);
    }
}

/// Answers how many rows it has seen.
async fn read(db: &Database, random: &mut Random) -> Result<usize> {
    let pipelines = db.repository::<Nested>();
    let all = pipelines.all().await?;
    check("all", &all);
    let limited = pipelines.order_by(|p| p.name.desc()).limit(5).offset(3).all().await?;
    check("limit", &limited);
    let found = pipelines.find(random.of(&all).id).await?;
    check("find", found.as_slice());
    let found = pipelines.find_by_name(&random.of(&all).name).await?;
    check("find_by_name", found.as_slice());
    let keys: Vec<_> = all.iter().map(|pipeline| pipeline.id).collect();
    check("find_many", &pipelines.find_many(&keys).await?);
    check("stream", &streamed(pipelines.order_by(|p| p.id.asc())).await?);
    // Locks keep the parents, but not their children from losing theirs between two statements.
    check_children("for_update", &pipelines.order_by(|p| p.id.desc()).limit(7).for_update().all().await?);
    check_children("skip_locked", &pipelines.query().skip_locked().all().await?);
    let tables = db.repository::<Timetable>().all().await?;
    for table in &tables {
        let runs: Vec<usize> = table.slots.iter().map(|slot| slot.runs.len()).collect();
        assert_eq!(runs, [RUNS; SLOTS]);
    }
    let runs = db.repository::<Sibling>().query().limit(50).all().await?;
    assert!(runs.iter().all(|run| run.schedule.runs.len() == RUNS));
    Ok(all.len() + tables.len() + runs.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_parent_is_without_its_children() -> Result {
    let server = fill::database(ALIVE).await?;
    let db = Database::connect(server.url()).await?;
    let (is_over, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    let reading = async {
        let (mut random, mut seen) = (Random::new(2), 0);
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) || written.load(Ordering::Relaxed) < 100 {
            seen += read(&db, &mut random).await?;
        }
        is_over.store(true, Ordering::Relaxed);
        Ok(seen)
    };
    let ((), seen) = tokio::try_join!(write(&server, &is_over, &written), reading)?;
    println!("{seen} rows seen while {} were written", written.load(Ordering::Relaxed));
    Ok(())
}
