use persist::prelude::*;
use uuid::Uuid;

const CHECK: u8 = 1;

#[derive(Repository)]
#[persist(validate = CHECK)]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<serde_json::Value>,
}

fn main() {}
