use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(Repository)]
#[persist(table = "pipelines")]
#[persist(filter_by(owner: User, belongs_to))]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
}

fn main() {}
