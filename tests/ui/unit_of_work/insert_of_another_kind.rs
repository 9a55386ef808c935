use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Repository)]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<serde_json::Value>,
    #[persist(many_to_many(through = "pipeline_tags"), insert = "true")]
    pub tags: Vec<Tag>,
}

fn main() {}
