use persist::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct PipelineStep {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(has_many, key_by = "position")]
    pub steps: BTreeMap<i32, PipelineStep>,
}

fn main() {}
