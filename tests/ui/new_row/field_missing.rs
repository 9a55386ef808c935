use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub position: i32,
    pub name: String,
}

fn main() {
    let _ = NewStep::from(StepFields { pipeline_id: Parent.into() });
}
