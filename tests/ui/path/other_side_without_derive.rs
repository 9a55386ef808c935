use persist::prelude::*;
use uuid::Uuid;

pub struct Step {
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
#[persist(filter_by(steps: Vec<Step>, has_many))]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
}

fn main() {}
