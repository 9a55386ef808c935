use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_overview", read_only)]
pub struct Overview {
    #[persist(id)]
    pub id: Uuid,
    pub step_count: i32,
}

fn main() {}
