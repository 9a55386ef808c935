use persist::prelude::*;
use uuid::Uuid;

pub struct Money;

#[derive(Repository)]
#[persist(table = "pipeline_executions")]
pub struct Execution {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub execution_number: i32,
    pub cost: Money,
}

fn main() {}
