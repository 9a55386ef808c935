//! The first five minutes with `persist`: `./dev demo` runs it.
//!
//! It starts a PostgreSQL server of its own (or uses the one that `DATABASE_URL` names), applies the
//! migrations in `schema/` and tells what it does, each line with the round trips to the server that it took.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

/// A named sequence of steps. The derive checks it against `schema/0002_pipelines.sql` while this file is
/// compiled.
#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<BTreeMap<String, String>>,
    is_active: bool,
    #[persist(version)]
    version: i64,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

/// Domain queries are methods of the generated repository.
impl PipelineRepository<'_> {
    async fn active_beginning_with(&self, prefix: &str) -> Result<Vec<Pipeline>, persist::Error> {
        self.filter(|p| p.is_active.eq(true) & p.name.starts_with(prefix))
            .order_by(|p| p.name.asc())
            .all()
            .await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("persist: a struct, a migration, a repository\n");
    let server = match TestDatabase::try_new().await {
        Ok(server) => server,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    println!(
        "A PostgreSQL server is running, and the migrations in schema/ have made tables in a database of their own."
    );
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let pipelines = db.repository::<Pipeline>();
    println!("\n{:<78}round trips", "What happens");

    let environment = BTreeMap::from([("REGION".to_owned(), "eu".to_owned())]);
    let new = NewPipeline::new("nightly", environment.clone()).description("Loads the day's orders");
    let (nightly, trips) = round_trips!(proxy, pipelines.insert(new).await?);
    tell(format!("insert `{}`: the server answers its version {}", nightly.name, nightly.version), trips);

    for name in ["night-shift report", "hourly"] {
        let new = NewPipeline::new(name, environment.clone());
        let (pipeline, trips) = round_trips!(proxy, pipelines.insert(new).await?);
        tell(format!("insert `{}`", pipeline.name), trips);
    }

    for occasion in ["for the first time on this connection", "again"] {
        let (found, trips) = round_trips!(proxy, pipelines.get(nightly.id).await?);
        tell(format!("get by key {occasion}: `{}`", found.name), trips);
    }

    let (found, trips) = round_trips!(proxy, pipelines.find_by_name("hourly").await?);
    tell(
        format!(
            "find by the UNIQUE name: {}",
            if found.is_some() { "it is there" } else { "it is not there" }
        ),
        trips,
    );

    let (active, trips) = round_trips!(proxy, pipelines.active_beginning_with("night").await?);
    let names: Vec<&str> = active.iter().map(|pipeline| pipeline.name.as_str()).collect();
    tell(format!("filter the active ones that begin with `night`: {}", names.join(", ")), trips);

    let mut changed = nightly.clone();
    changed.description = Some("Loads the orders of the day before".to_owned());
    let (stored, trips) = round_trips!(proxy, pipelines.update(&changed).await?);
    let age = (stored.updated_at - stored.created_at).num_milliseconds();
    tell(
        format!("update `{}`: version {} now, {age} ms after version 1", stored.name, stored.version),
        trips,
    );

    let (again, trips) =
        round_trips!(proxy, pipelines.insert(NewPipeline::new("nightly", environment)).await);
    match again {
        Err(error) if error.violates(Pipeline::UNIQUE_NAME) => {
            tell(
                format!("insert a second `nightly`: refused by {}", error.constraint().unwrap_or("?")),
                trips,
            );
        }
        other => return Err(format!("a second `nightly` should violate its UNIQUE name: {other:?}").into()),
    }

    // `nightly` still has the version that it was read with.
    let (stale, trips) = round_trips!(proxy, pipelines.update(&nightly).await);
    match stale {
        Err(error) if error.is_stale() => {
            tell("update what was read before that: refused, it is stale".to_owned(), trips)
        }
        other => return Err(format!("an old version should be stale: {other:?}").into()),
    }

    let (rows, trips) = round_trips!(
        proxy,
        pipelines.filter(|p| p.name.ne("nightly")).update(|p| p.is_active.set(false)).await?
    );
    tell(format!("switch the others off: {rows} rows"), trips);

    let (deleted, trips) = round_trips!(proxy, pipelines.delete(nightly.id).await?);
    tell(format!("delete `nightly`: {deleted}"), trips);

    println!("\nThe database is removed again, and so is the server if it was started for this.");
    Ok(())
}

fn tell(what: String, trips: usize) {
    println!("{what:<78}{trips:>11}");
}
