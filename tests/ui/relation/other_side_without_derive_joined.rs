use persist::prelude::*;
use uuid::Uuid;

pub struct User {
    pub name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(belongs_to)]
    pub owner: Option<User>,
}

fn main() {}
