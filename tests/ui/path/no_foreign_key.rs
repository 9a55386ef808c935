use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
#[persist(filter_by(tags: Vec<Tag>, has_many))]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
}

fn main() {}
