use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
}

#[derive(View)]
#[persist(of = Pipeline)]
pub struct Card {
    #[persist(sum = "pipeline_steps.name")]
    pub names: Option<i64>,
}

fn main() {}
