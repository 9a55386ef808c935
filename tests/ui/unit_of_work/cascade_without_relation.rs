use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct PipelineStep {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    #[persist(cascade)]
    pub position: i32,
}

fn main() {}
