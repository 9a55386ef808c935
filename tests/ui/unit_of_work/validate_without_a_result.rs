use persist::prelude::*;
use uuid::Uuid;

fn check(pipeline: &Pipeline) -> bool {
    !pipeline.name.is_empty()
}

#[derive(Repository)]
#[persist(validate = check)]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<serde_json::Value>,
}

fn main() {}
