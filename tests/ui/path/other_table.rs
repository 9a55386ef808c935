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
#[persist(filter_by(steps: Vec<Tag>, has_many(table = "pipeline_steps")))]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
}

fn main() {}
