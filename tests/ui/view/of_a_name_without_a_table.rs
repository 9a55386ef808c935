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

#[derive(View)]
#[persist(of = Step)]
pub struct StepName {
    pub name: String,
}

fn main() {}
