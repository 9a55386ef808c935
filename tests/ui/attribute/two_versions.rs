use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<()>,
    #[persist(version)]
    pub version: i64,
    #[persist(version, column = "created_at")]
    pub other: i64,
}

fn main() {}
