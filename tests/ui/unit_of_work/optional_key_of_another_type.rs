use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub plugin_id: Option<Uuid>,
}

fn main() {
    let _ = NewStep::new(Parent, "load").plugin_id("csv");
}
