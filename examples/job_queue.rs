//! A job queue in a table: workers claim jobs without waiting for each other, one round trip a claim: `cargo run
//! --example job_queue`.
//!
//! The jobs are the executions of `schema/0005_pipeline_executions.sql`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use persist::{Interval, now};
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "execution_status")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions", filter_by(pipeline: Pipeline, belongs_to))]
struct Job {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    error_message: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

/// What a worker needs to know of a job.
#[derive(Debug, View)]
#[persist(of = Job, table = "pipeline_executions")]
struct Claimed {
    id: Uuid,
    execution_number: i32,
    #[persist(belongs_to)]
    pipeline: PipelineName,
}

#[derive(Debug, View)]
#[persist(of = Pipeline)]
struct PipelineName {
    name: String,
}

impl JobRepository<'_> {
    /// Up to so many jobs that nobody else gets. Rows that another worker is about to claim are left out, so nobody waits.
    async fn claim(&self, most: u64) -> Result<Vec<Claimed>, persist::Error> {
        self.filter(|j| j.status.eq(Status::Pending))
            .order_by(|j| j.execution_number.asc())
            .limit(most)
            .skip_locked()
            .update(|j| (j.status.set(Status::Running), j.started_at.set(now())))
            .returning()
            .view::<Claimed>()
            .await
    }

    /// `false` where the job is not running any more: it was taken for lost, and claimed by another worker.
    async fn finish(&self, id: Uuid, failure: Option<&str>) -> Result<bool, persist::Error> {
        let status = if failure.is_some() { Status::Failed } else { Status::Succeeded };
        let changed = self
            .filter(|j| j.id.eq(id) & j.status.eq(Status::Running))
            .update(|j| {
                (
                    j.status.set(status),
                    j.error_message.set(failure.map(str::to_owned)),
                    j.finished_at.set(now()),
                )
            })
            .await?;
        Ok(changed == 1)
    }

    /// Jobs of workers that have died go back to the queue.
    async fn requeue_lost(&self, after: Interval) -> Result<u64, persist::Error> {
        self.filter(|j| j.status.eq(Status::Running) & j.started_at.lt(now() - after))
            .update(|j| (j.status.set(Status::Pending), j.started_at.set(None)))
            .await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestDatabase::try_new().await?;
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let nightly = db.repository::<Pipeline>().insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    let uow = db.unit_of_work();
    for number in 1..=100 {
        uow.insert(NewJob::new(nightly.id, number))?;
    }
    let (_, trips) = round_trips!(proxy, uow.commit().await?);
    println!("100 jobs were queued in {trips} round trip");

    let jobs = db.repository::<Job>();
    let (claimed, trips) = round_trips!(proxy, jobs.claim(3).await?);
    let numbers: Vec<i32> = claimed.iter().map(|job| job.execution_number).collect();
    println!("a worker claimed {numbers:?} of `{}` in {trips} round trip", claimed[0].pipeline.name);
    let (done, trips) = round_trips!(proxy, jobs.finish(claimed[0].id, None).await?);
    println!("the first is done: {done}, in {trips} round trip");
    jobs.finish(claimed[1].id, Some("out of space")).await?;

    // The third worker has died. Later its job is for another one, and it cannot finish what it does not have.
    let (lost, trips) = round_trips!(proxy, jobs.requeue_lost(Interval::default()).await?);
    println!("{lost} job was lost, and is queued again in {trips} round trip");
    assert!(!jobs.finish(claimed[2].id, None).await?);

    // Ten workers at once: each job is run by one of them.
    let workers = (0..10).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let jobs = db.repository::<Job>();
            let mut ran = 0;
            loop {
                let claimed = jobs.claim(5).await?;
                if claimed.is_empty() {
                    return Ok::<usize, persist::Error>(ran);
                }
                for job in claimed {
                    ran += usize::from(jobs.finish(job.id, None).await?);
                }
            }
        })
    });
    let mut ran = 0;
    for worker in workers.collect::<Vec<_>>() {
        ran += worker.await??;
    }
    let by_status = jobs.query().group_by(|j| j.status).order_by(|j| j.status.asc());
    let by_status: Vec<(Status, i64)> = by_status.select(|j| (j.status, j.id.count())).all().await?;
    println!("ten workers ran {ran} jobs, each once: {by_status:?}");
    assert_eq!((ran, by_status.as_slice()), (98, [(Status::Succeeded, 99), (Status::Failed, 1)].as_slice()));
    Ok(())
}
