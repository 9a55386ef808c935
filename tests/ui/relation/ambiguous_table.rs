use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(has_many)]
    pub things: Vec<Thing>,
}

#[derive(View)]
#[persist(of = Pipeline)]
pub struct Thing {
    pub name: String,
}

fn main() {}
