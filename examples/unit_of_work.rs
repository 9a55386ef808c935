//! What a service does in one transaction, and what becomes of it when things go wrong: `cargo run --example
//! unit_of_work`.
//!
//! It starts a PostgreSQL server of its own (or uses the one that `DATABASE_URL` names), applies the
//! migrations in `schema/` and tells what it does, each line with the round trips to the server that it took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use persist::outbox::{Event, Message, Relay};
use persist::prelude::*;
use persist::{Error, Isolation, Sql};
use persist_testkit::{Proxy, TestDatabase, round_trips};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(version)]
    version: i64,
    #[persist(has_many, order_by = "position")]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps")]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions")]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
}

/// What others hear of.
#[derive(Debug, Serialize, Deserialize)]
struct PipelineStarted {
    pipeline: String,
    run: i32,
}

impl Event for PipelineStarted {
    const TOPIC: &'static str = "pipeline started";

    fn key(&self) -> String {
        self.pipeline.clone()
    }
}

/// What the services of this program need, on a database or in a unit of work.
#[derive(Repositories)]
struct Store<'a> {
    pipelines: PipelineRepository<'a>,
    executions: ExecutionRepository<'a>,
}

impl Store<'_> {
    async fn next_run(&self, pipeline: &str) -> Result<(Pipeline, i32), Error> {
        let found = self.pipelines.find_by_name(pipeline).await?;
        let pipeline = found.ok_or_else(|| Error::other("there is no such pipeline"))?;
        let runs = self.executions.filter(|e| e.pipeline_id.eq(pipeline.id)).count().await?;
        Ok((pipeline, i32::try_from(runs).map_err(Error::other)? + 1))
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("persist: a unit of work\n");
    let server = match TestDatabase::try_new().await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    println!("{:<90}round trips", "What is done");

    let (id, trips) = round_trips!(proxy, create(&db).await?);
    tell("a new pipeline with three steps and its first execution", trips);

    let ((), trips) = round_trips!(proxy, rearrange(&db, id).await?);
    tell("it is read, one step goes, one comes, two change places, and it is committed", trips);
    print_steps(&db, id).await?;

    let (stale, trips) = round_trips!(proxy, too_late(&db, id).await?);
    tell("two change the same pipeline, over a second connection; the later one is stale", trips);
    println!("    {stale}");

    let (kept, trips) = round_trips!(proxy, with_savepoint(&db, id).await?);
    tell("an execution that is there already does not spoil the rest: a savepoint", trips);
    println!("    {kept}");

    let retries = runs(&db).await?;
    println!("eight tasks start a run each, SERIALIZABLE, tried again when they lose a race");
    println!("    runs {:?}, {retries} further attempts", numbers(&db, id).await?);

    hand_on(&db).await?;

    println!("\nThe database is removed again, and so is the server if it was started for this.");
    Ok(())
}

/// Nothing is sent before `commit`, which sends it all.
async fn create(db: &Database) -> Result<Uuid, Error> {
    let uow = db.unit_of_work();
    let steps =
        (1..).zip(["extract", "check", "load"]).map(|(n, name)| NewStep::new(Parent, name).position(n));
    let pipeline = uow.insert(NewPipeline::new("nightly", BTreeMap::new()).steps(steps))?;
    // The handle stands for the key of a row that does not exist yet.
    uow.insert(NewExecution::new(pipeline, 1))?;
    let committed = uow.commit().await?;
    committed.key(pipeline).ok_or_else(|| Error::other("the pipeline has no key"))
}

async fn rearrange(db: &Database, id: Uuid) -> Result<(), Error> {
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    pipeline.description = Some("Loads the day's orders".to_owned());
    pipeline.steps.retain(|step| step.name != "check");
    // (pipeline_id, position) is UNIQUE: that two rows exchange their values is no matter.
    if let [extract, load] = &mut pipeline.steps[..] {
        std::mem::swap(&mut extract.position, &mut load.position);
    }
    let report =
        Step { id: Uuid::now_v7(), pipeline_id: id, position: 4, name: "report".into(), enabled: true };
    pipeline.steps.push(report);
    uow.save(&pipeline)?;
    for line in uow.plan()?.to_string().lines() {
        println!("    {line}");
    }
    uow.commit().await?;
    Ok(())
}

async fn too_late(db: &Database, id: Uuid) -> Result<String, Error> {
    let (first, second) = (db.unit_of_work(), db.unit_of_work());
    let mut ours = first.repository::<Pipeline>().get(id).await?;
    let mut theirs = second.repository::<Pipeline>().get(id).await?;
    ours.description = Some("ours".to_owned());
    first.save(&ours)?;
    first.commit().await?;
    // It only takes a step out: the version is that of the whole aggregate.
    theirs.steps.pop();
    second.save(&theirs)?;
    match second.commit().await {
        Err(error) if error.stale_key::<Pipeline>() == Some(id) => Ok(error.to_string()),
        other => other.map(|_| "both have won".to_owned()),
    }
}

async fn with_savepoint(db: &Database, id: Uuid) -> Result<&'static str, Error> {
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let savepoint = uow.savepoint().await?;
    uow.insert(NewExecution::new(id, 1))?;
    let outcome = match uow.flush().await {
        Ok(()) => {
            savepoint.release().await?;
            "inserted"
        }
        Err(error) if error.is_unique_violation() => {
            savepoint.rollback().await?;
            "it was there already; the rest is committed"
        }
        Err(error) => return Err(error),
    };
    pipeline.description = Some(outcome.to_owned());
    uow.save(&pipeline)?;
    uow.commit().await?;
    Ok(outcome)
}

/// Runs are counted, and SERIALIZABLE sees to it that no two get the same number. Each is published.
async fn runs(db: &Database) -> Result<u32, Box<dyn std::error::Error>> {
    static RETRIES: AtomicU32 = AtomicU32::new(0);
    let serializable = db.unit_of_work_builder().isolation(Isolation::Serializable).on_retry(|_| {
        RETRIES.fetch_add(1, Ordering::Relaxed);
    });
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let serializable = serializable.clone();
            tokio::spawn(async move {
                let start = async |uow: &UnitOfWork<'static>| {
                    let (pipeline, run) = Store::new(uow).next_run("nightly").await?;
                    uow.insert(NewExecution::new(pipeline.id, run))?;
                    uow.publish(&PipelineStarted { pipeline: pipeline.name, run })
                };
                serializable.transact(start).await
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(RETRIES.load(Ordering::Relaxed))
}

/// What was committed is handed on, by whatever takes it further.
async fn hand_on(db: &Database) -> Result<(), Error> {
    println!("what was published of them, as a relay hands it on");
    let handler = async |message: Message| {
        let PipelineStarted { pipeline, run } = message.read()?;
        println!("    event {}, {}: `{pipeline}`, run {run}", message.id, message.topic);
        Ok::<_, Error>(())
    };
    let relay = Relay::new(db);
    while relay.run_once(handler).await?.done > 0 {}
    Ok(())
}

async fn print_steps(db: &Database, id: Uuid) -> Result<(), Error> {
    let Pipeline { name, version, steps, .. } = db.repository::<Pipeline>().get(id).await?;
    let steps: Vec<String> = steps.iter().map(|step| format!("{} {}", step.position, step.name)).collect();
    println!("    `{name}` has version {version} and the steps {}", steps.join(", "));
    Ok(())
}

async fn numbers(db: &Database, id: Uuid) -> Result<Vec<i32>, Error> {
    let all = "SELECT execution_number FROM pipeline_executions WHERE pipeline_id = $1 ORDER BY 1";
    Sql::unchecked(all).bind(id).all(db).await
}

fn tell(what: &str, trips: usize) {
    println!("{what:<90}{trips:>11}");
}
