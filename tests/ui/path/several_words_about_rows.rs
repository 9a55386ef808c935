use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
#[persist(filter_by(ordered: Vec<Step>, has_many(table = "pipeline_steps"), order_by = "name"))]
#[persist(filter_by(limited: Vec<Step>, has_many(table = "pipeline_steps"), limit = 3))]
#[persist(filter_by(keyed: Vec<Step>, has_many(table = "pipeline_steps"), key_by = "name"))]
#[persist(filter_by(kept: Vec<Step>, has_many(table = "pipeline_steps"), orphans = "delete"))]
#[persist(filter_by(gone: Vec<Step>, has_many(table = "pipeline_steps"), cascade))]
#[persist(filter_by(made: Vec<Step>, has_many(table = "pipeline_steps"), insert = true))]
#[persist(filter_by(deep: Vec<Step>, has_many(table = "pipeline_steps"), max_depth = 8))]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
}

fn main() {}
