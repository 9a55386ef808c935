// What the examples of the page about the unit of work have in common; each includes this file.

use std::collections::BTreeMap;

use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub environment_variables: Json<BTreeMap<String, String>>,
    #[persist(version)]
    pub version: i64,
    #[persist(has_many, order_by = "position")]
    pub steps: Vec<Step>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    pub tags: Vec<Tag>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub position: i32,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
}

/// A database with the pipeline `nightly` in it, which has two steps.
pub async fn sample() -> Result<(persist_testkit::TestDatabase, Database, Uuid), persist::Error> {
    let server = persist_testkit::TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let steps =
        (1..).zip(["extract", "load"]).map(|(position, name)| NewStep::new(Parent, name).position(position));
    let nightly = NewPipeline::new("nightly", BTreeMap::new()).steps(steps);
    let id = db.repository::<Pipeline>().insert(nightly).await?.id;
    Ok((server, db, id))
}
