use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_overview")]
pub struct Overview {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

fn main() {}
