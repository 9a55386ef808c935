use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(garde)]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<serde_json::Value>,
}

fn main() {}
