use persist::prelude::*;
use uuid::Uuid;

pub struct PipelineStep {
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(has_many)]
    pub steps: Vec<PipelineStep>,
}

fn main() {}
