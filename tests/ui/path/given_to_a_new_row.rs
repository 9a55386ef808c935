use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
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

pub fn used(new: NewPipeline) -> NewPipeline {
    new.steps([])
}

fn main() {}
