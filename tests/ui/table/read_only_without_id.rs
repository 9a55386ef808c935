use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_overview", read_only)]
pub struct Overview {
    pub id: Uuid,
    pub name: String,
}

fn main() {}
