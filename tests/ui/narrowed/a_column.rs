use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipelines")]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(has_many)]
    pub steps: Vec<Step>,
}

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct Step {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
}

#[derive(View)]
#[persist(of = Pipeline)]
pub struct Board {
    pub name: String,
    #[persist(has_many)]
    pub steps: Vec<Step>,
}

fn main() {
    let _ = |db: &Database| {
        let _ = db.repository::<Pipeline>().view::<Board>().with(|b| b.name, |s| s.name.eq("load"));
    };
}
