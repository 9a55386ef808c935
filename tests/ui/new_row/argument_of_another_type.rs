use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
}

pub fn new(pipeline: Uuid) -> NewExecution {
    NewExecution::new(pipeline, "seven")
}

fn main() {}
