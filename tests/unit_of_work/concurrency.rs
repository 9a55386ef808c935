//! Many units of work that change several aggregates each, all at once: none waits for ever, and nothing is
//! lost.

use std::collections::{BTreeMap, BTreeSet};

use persist::prelude::*;
use persist_testkit::{Random, TestDatabase};
use uuid::Uuid;

use crate::shapes::{NewPipeline, NewStep, Pipeline};
use crate::{Result, variable};

const TASKS: usize = 8;
/// A table as small as this one is read as it lies, and its rows are locked in that order, which changes. Rows of a
/// larger one are found one by one.
const BY_INDEX: &str = "DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET enable_seqscan = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET enable_hashjoin = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET enable_mergejoin = off', current_database());
END $$";
const PIPELINES: usize = 6;
const STEPS: i32 = 4;

#[derive(Debug, Default)]
struct Counts {
    committed: usize,
    stale: usize,
    deadlocks: usize,
}

/// Takes two or three pipelines, lets a step go from each to the next, and numbers all anew.
async fn shuffle(
    db: &Database,
    keys: &[Uuid],
    random: &mut Random,
) -> std::result::Result<(), persist::Error> {
    let uow = db.unit_of_work();
    let first = random.below(keys.len());
    let count = 2 + random.below(2);
    let mut pipelines = Vec::new();
    for number in 0..count {
        pipelines.push(uow.repository::<Pipeline>().get(keys[(first + number) % keys.len()]).await?);
    }
    let leaving: Vec<_> = pipelines.iter_mut().map(|pipeline| pipeline.steps.pop()).collect();
    for (number, step) in leaving.into_iter().enumerate() {
        pipelines[(number + 1) % count].steps.extend(step);
    }
    for pipeline in &mut pipelines {
        pipeline.steps.reverse();
        for (position, step) in (1..).zip(&mut pipeline.steps) {
            (step.pipeline_id, step.position) = (pipeline.id, position);
        }
        uow.save(pipeline)?;
    }
    uow.commit().await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn aggregates_that_exchange_their_children() -> Result {
    let server = TestDatabase::new().await;
    server.client().await.batch_execute(BY_INDEX).await?;
    let db = Database::builder().url(server.url()).pool_size(TASKS).connect().await?;
    let mut keys = Vec::new();
    for number in 0..PIPELINES {
        let steps = (1..=STEPS).map(|n| NewStep::new(Parent, format!("{number} {n}")).position(n));
        let new = NewPipeline::new(format!("{number}"), BTreeMap::new()).steps(steps);
        keys.push(db.repository::<Pipeline>().insert(new).await?.id);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (db, keys) = (db.clone(), keys.clone());
        tasks.spawn(async move {
            let (mut random, mut counts) = (Random::new(task as u64), Counts::default());
            for _ in 0..variable("UOW_CROWD", 40) {
                match shuffle(&db, &keys, &mut random).await {
                    Ok(()) => counts.committed += 1,
                    Err(error) if error.is_stale() => counts.stale += 1,
                    Err(error) if error.is_deadlock() => counts.deadlocks += 1,
                    Err(error) => return Err(error.into()),
                }
            }
            Result::Ok(counts)
        });
    }
    let mut total = Counts::default();
    while let Some(counts) = tasks.join_next().await {
        let counts = counts??;
        total.committed += counts.committed;
        total.stale += counts.stale;
        total.deadlocks += counts.deadlocks;
    }
    println!("{total:?}");
    // Versions are checked before anything else, in the order of their keys: whoever loses waits for one row
    // only.
    assert!(total.deadlocks == 0 && total.committed > 0, "{total:?}");
    let pipelines = db.repository::<Pipeline>().all().await?;
    let names: BTreeSet<&str> =
        pipelines.iter().flat_map(|pipeline| &pipeline.steps).map(|step| &*step.name).collect();
    assert_eq!(names.len(), PIPELINES * STEPS as usize, "a step is lost");
    for pipeline in &pipelines {
        let positions: Vec<i32> = pipeline.steps.iter().map(|step| step.position).collect();
        assert_eq!(positions, (1..=positions.len() as i32).collect::<Vec<_>>());
    }
    let bumps: i64 = pipelines.iter().map(|pipeline| pipeline.version - 1).sum();
    assert!(bumps >= 2 * total.committed as i64 && bumps <= 3 * total.committed as i64);
    Ok(())
}
