//! The first five minutes with `persist`: `./dev demo` runs it.
//!
//! It starts a PostgreSQL server of its own (or uses the one that `DATABASE_URL` names), applies the migrations in `schema/`, and
//! shows what is rare: each step with the code that made it, the round trips to the server that it took, and why that
//! matters.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

/// A named sequence of steps, with all that belongs to it. The derive checks it against `schema/*.sql` while this file is
/// compiled.
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
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    tags: Vec<Tag>,
    #[persist(has_many, order_by = "execution_number")]
    executions: Vec<Execution>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps")]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "tags")]
struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions")]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    #[persist(has_many, order_by = "id")]
    logs: Vec<Log>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "execution_logs")]
struct Log {
    #[persist(id)]
    id: i64,
    execution_id: Uuid,
    message: String,
}

/// A program that does not compile, and what the compiler says: a test keeps both.
const MISTAKE: (&str, &str) =
    (include_str!("../tests/ui/column/unknown.rs"), include_str!("../tests/ui/column/unknown.stderr"));

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("persist: structs, migrations, and as few round trips as PostgreSQL allows");
    mistake();
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
    let pipelines = db.repository::<Pipeline>();
    let nightly = fill(&db).await?;

    // --- an aggregate -------------------------------------------------------------------------------------------------
    let (all, trips) = round_trips!(proxy, pipelines.order_by(|p| p.name.asc()).limit(100).all().await?);
    let executions: usize = all.iter().map(|pipeline| pipeline.executions.len()).sum();
    let lines: usize = all.iter().flat_map(|p| &p.executions).map(|execution| execution.logs.len()).sum();
    let lazily = 1 + 3 * all.len() + executions;
    tell(Told {
        title: "A list of whole aggregates",
        code: "pipelines.order_by(|p| p.name.asc()).limit(100).all().await?",
        result: format!(
            "{} pipelines with their steps, tags, {executions} executions and {lines} log lines",
            all.len()
        ),
        trips,
        why: format!(
            "one snapshot in one write, whatever the depth; loaded one relation after another it would be {lazily} queries"
        ),
    });

    // --- a unit of work -----------------------------------------------------------------------------------------------
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(nightly).await?;
    pipeline.description = Some("Loads the day's orders".to_owned());
    pipeline.steps.retain(|step| step.name != "check");
    pipeline.steps[0].name = "read".to_owned();
    uow.save(&pipeline)?;
    let execution = uow.insert(NewExecution::new(nightly, 9))?;
    uow.insert(NewLog::new(execution, "started"))?;
    let plan = uow.plan()?.to_string();
    let (_, trips) = round_trips!(proxy, uow.commit().await?);
    tell(Told {
        title: "A unit of work",
        code: "pipeline.steps.retain(|step| step.name != \"check\");  uow.save(&pipeline)?;  …  uow.commit().await?",
        result: format!("what differs was found and ordered by the foreign keys:\n{}", indented(&plan)),
        trips,
        why:
            "after the one trip that read it, BEGIN, all statements and COMMIT leave together, guarded by the version"
                .to_owned(),
    });

    // --- a lost race --------------------------------------------------------------------------------------------------
    let (mine, theirs) = (db.unit_of_work(), db.unit_of_work());
    let mut my_copy = mine.repository::<Pipeline>().get(nightly).await?;
    let mut their_copy = theirs.repository::<Pipeline>().get(nightly).await?;
    their_copy.name = "nightly load".to_owned();
    theirs.save(&their_copy)?;
    theirs.commit().await?;
    my_copy.name = "nocturnal".to_owned();
    mine.save(&my_copy)?;
    let (lost, trips) = round_trips!(proxy, mine.commit().await);
    match lost {
        Err(error) if error.is_stale() => tell(Told {
            title: "A lost race",
            code: "match uow.commit().await { Err(error) if error.is_stale() => …",
            result: "another session was faster: refused, and nothing was written".to_owned(),
            trips,
            why: "the version is checked inside of the statement; `db.transact(…)` would have run it again"
                .to_owned(),
        }),
        other => return Err(format!("an old version should be stale: {other:?}").into()),
    }

    // --- without reading first ----------------------------------------------------------------------------------------
    let (claimed, trips) = round_trips!(
        proxy,
        db.repository::<Step>()
            .order_by(|s| s.position.asc())
            .limit(1)
            .skip_locked()
            .update(|s| s.name.set(s.name.concat(" (mine)")))
            .returning()
            .first()
            .await?
    );
    let claimed = claimed.ok_or("there is a step")?;
    tell(Told {
        title: "A claim, as of a job queue",
        code: ".limit(1).skip_locked().update(|s| s.name.set(s.name.concat(\" (mine)\"))).returning().first().await?",
        result: format!("`{}` is ours, and nobody waited", claimed.name),
        trips,
        why: "found, locked, changed and answered by one statement: no second query, no lock that is held in between".to_owned(),
    });

    println!("\nRead on: README.md, then src/guide/words.md, queries.md, relations.md and unit_of_work.md;");
    println!(
        "examples/job_queue.rs, rate_limiter.rs, quota.rs, search_page.rs: `cargo run --example job_queue`."
    );
    println!("The database is removed again, and so is the server if it was started for this.");
    Ok(())
}

/// What is told of one step.
struct Told {
    title: &'static str,
    code: &'static str,
    result: String,
    trips: usize,
    why: String,
}

fn tell(step: Told) {
    let trips =
        if step.trips == 1 { "1 round trip".to_owned() } else { format!("{} round trips", step.trips) };
    println!("\n{} ({trips})", step.title);
    println!("    {}", step.code);
    println!("  {}", step.result);
    println!("  Why it matters: {}.", step.why);
}

fn mistake() {
    let (program, message) = MISTAKE;
    let field = program.lines().find(|line| line.contains("colour")).unwrap_or_default();
    println!("\nA mistake (no round trip: it does not compile)");
    println!("    {}", field.trim());
    println!("{}", indented(message.trim_end()));
    println!(
        "  Why it matters: the struct is checked against the migrations, without a database, before it runs anywhere."
    );
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
}

/// Writes what the story is about; answers the key of a pipeline.
async fn fill(db: &Database) -> Result<Uuid, persist::Error> {
    let uow = db.unit_of_work();
    let tags = [uow.insert(NewTag::new("daily"))?, uow.insert(NewTag::new("orders"))?];
    for name in ["hourly", "nightly", "weekly"] {
        let steps = (1..).zip(["extract", "check", "load"]);
        let steps = steps.map(|(position, step)| NewStep::new(Parent, step).position(position));
        let executions = (1..=3).map(|number| {
            NewExecution::new(Parent, number).logs(["started", "done"].map(|line| NewLog::new(Parent, line)))
        });
        uow.insert(NewPipeline::new(name, BTreeMap::new()).steps(steps).executions(executions).tags(tags))?;
    }
    uow.commit().await?;
    let nightly = db.repository::<Pipeline>().find_by_name("nightly").await?;
    nightly.map(|pipeline| pipeline.id).ok_or_else(|| persist::Error::other("it was inserted"))
}
