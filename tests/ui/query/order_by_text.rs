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

pub async fn used(db: &Database) -> Result<(), persist::Error> {
    db.repository::<Pipeline>().order_by(|_| "name").all().await?;
    Ok(())
}

fn main() {}
