use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct PipelineStep {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub depends_on: Option<Uuid>,
    #[persist(has_many(table = "pipeline_steps", foreign_key = "depends_on"), cascade)]
    pub dependents: Vec<StepName>,
}

#[derive(View)]
#[persist(of = PipelineStep)]
pub struct StepName {
    pub name: String,
}

fn main() {}
