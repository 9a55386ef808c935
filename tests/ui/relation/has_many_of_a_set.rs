use std::collections::HashSet;

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
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(many_to_many(through = "pipeline_tags"))]
    pub tags: HashSet<Tag>,
}

fn main() {}
