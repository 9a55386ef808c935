use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Row {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: i64,
    pub name: String,
}

fn main() {}
