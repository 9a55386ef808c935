use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "pipeline_steps")]
pub struct PipelineStep {
    #[persist(id)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub name: String,
    pub position: i32,
}

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
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<Vec<String>>,
    #[persist(has_many)]
    pub steps: Vec<PipelineStep>,
    #[persist(belongs_to)]
    pub owner: Option<User>,
}

pub async fn used(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Pipeline>().order_by(|p| p.steps).all().await?;
    Ok(())
}

fn main() {}
