//! Structs that hold the rows which belong to them, read whole in one round trip: `cargo run --example
//! relations`.
//!
//! It starts a PostgreSQL server of its own (or uses the one that `DATABASE_URL` names), applies the
//! migrations in `schema/` and tells what it does, each line with the round trips to the server that it took.

use std::collections::BTreeMap;

use persist::Sql;
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

#[derive(Debug, Repository)]
#[persist(table = "users")]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
    /// One row at most, because `billing.accounts.owner_id` is UNIQUE: a join.
    #[persist(has_one)]
    account: Option<Account>,
}

#[derive(Debug, Repository)]
#[persist(table = "billing.accounts")]
struct Account {
    #[persist(id)]
    id: Uuid,
    number: String,
    owner_id: Uuid,
}

/// Less of a user: where others refer to one, the name is enough.
#[derive(Debug, View)]
#[persist(of = User)]
struct UserName {
    display_name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[persist(belongs_to)]
    owner: Option<UserName>,
    #[persist(has_many, order_by = "position")]
    steps: Vec<Step>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    tags: Vec<Tag>,
    #[persist(has_many, order_by = "execution_number")]
    executions: Vec<Execution>,
}

#[derive(Debug, Repository)]
#[persist(table = "pipeline_steps")]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "tags")]
struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "pipeline_executions")]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    #[persist(has_many, order_by = "id")]
    logs: Vec<Log>,
}

#[derive(Debug, Repository)]
#[persist(table = "execution_logs")]
struct Log {
    #[persist(id)]
    id: i64,
    execution_id: Uuid,
    message: String,
}

/// A tree: all descendants come by one recursive statement.
#[derive(Debug, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    #[persist(has_many, order_by = "position, name")]
    children: Vec<Category>,
}

/// What a list shows of a pipeline.
#[derive(Debug, View)]
#[persist(of = Pipeline)]
struct PipelineCard {
    name: String,
    #[persist(count = "pipeline_steps")]
    step_count: i64,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc", limit = 1)]
    latest: Vec<ExecutionCard>,
    #[persist(belongs_to)]
    owner: Option<UserName>,
}

#[derive(Debug, View)]
#[persist(of = Execution, table = "pipeline_executions")]
struct ExecutionCard {
    execution_number: i32,
    #[persist(count = "execution_logs")]
    log_lines: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("persist: a whole aggregate in one round trip\n");
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
    let nightly = fill(&db).await?;
    let (users, pipelines, categories) =
        (db.repository::<User>(), db.repository::<Pipeline>(), db.repository::<Category>());
    println!("{:<90}round trips", "What is read");

    let (pipeline, trips) = round_trips!(proxy, pipelines.get(nightly).await?);
    let lines: usize = pipeline.executions.iter().map(|execution| execution.logs.len()).sum();
    tell(
        format!(
            "a pipeline by key, with {} steps, {} tags, {} executions and their {lines} log lines",
            pipeline.steps.len(),
            pipeline.tags.len(),
            pipeline.executions.len(),
        ),
        trips,
    );
    let owner = pipeline.owner.as_ref().map_or("nobody", |owner| owner.display_name.as_str());
    println!("    `{}` belongs to {owner}", pipeline.name);

    let (all, trips) = round_trips!(proxy, pipelines.order_by(|p| p.name.asc()).limit(100).all().await?);
    tell(format!("a list of {} pipelines, each as complete", all.len()), trips);

    let (cards, trips) =
        round_trips!(proxy, pipelines.order_by(|p| p.name.asc()).view::<PipelineCard>().all().await?);
    tell("the same as cards: a name, a count, the latest execution".to_owned(), trips);
    for PipelineCard { name, step_count, latest, owner } in &cards {
        let latest = latest.first().map_or("never run".to_owned(), |latest| {
            format!("run {} wrote {} lines", latest.execution_number, latest.log_lines)
        });
        let owner = owner.as_ref().map_or("nobody", |owner| owner.display_name.as_str());
        println!("    {name:<10} {step_count} steps, {latest}, owned by {owner}");
    }

    let (roots, trips) = round_trips!(proxy, categories.filter(|c| c.parent_id.is_null()).all().await?);
    tell("the tree of categories".to_owned(), trips);
    for root in &roots {
        print(root, 1);
    }

    let (found, trips) = round_trips!(proxy, users.find_by_email("olga@example.org").await?);
    let account = found.and_then(|user| user.account).map(|account| account.number);
    tell(format!("a user with the account that she may have: {}", account.unwrap_or_default()), trips);

    println!("\nThe database is removed again, and so is the server if it was started for this.");
    Ok(())
}

fn print(category: &Category, depth: usize) {
    println!("{:indent$}{}", "", category.name, indent = depth * 4);
    for child in &category.children {
        print(child, depth + 1);
    }
}

/// Writes what the story is about; answers the key of a pipeline.
async fn fill(db: &Database) -> Result<Uuid, persist::Error> {
    let olga = db.repository::<User>().insert(NewUser::new("olga@example.org", "Olga")).await?;
    db.repository::<Account>().insert(NewAccount::new("DE-17", olga.id)).await?;
    let mut parent = None;
    for name in ["Company", "Sales", "Europe"] {
        let new = NewCategory::new(name).parent_id(parent);
        parent = Some(db.repository::<Category>().insert(new).await?.id);
    }
    let tag = db.repository::<Tag>().insert(NewTag::new("orders")).await?;
    let mut nightly = Uuid::nil();
    for (name, runs) in [("hourly", 0), ("nightly", 2)] {
        let new = NewPipeline::new(name, BTreeMap::new());
        let new = if runs > 0 { new.owner_id(olga.id).category_id(parent) } else { new };
        let pipeline = db.repository::<Pipeline>().insert(new).await?;
        nightly = pipeline.id;
        for (position, step) in (1..).zip(["extract", "load"]) {
            db.repository::<Step>().insert(NewStep::new(pipeline.id, step).position(position)).await?;
        }
        let link = Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)");
        link.bind(pipeline.id).bind(tag.id).execute(db).await?;
        for number in 1..=runs {
            let execution =
                db.repository::<Execution>().insert(NewExecution::new(pipeline.id, number)).await?;
            for line in ["started", "finished"] {
                db.repository::<Log>().insert(NewLog::new(execution.id, line)).await?;
            }
        }
    }
    Ok(nightly)
}

fn tell(what: String, trips: usize) {
    println!("{what:<90}{trips:>11}");
}
