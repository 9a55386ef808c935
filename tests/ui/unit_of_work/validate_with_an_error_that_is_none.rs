use persist::prelude::*;
use uuid::Uuid;

fn check(_: &Pipeline) -> Result<(), u8> {
    Ok(())
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
