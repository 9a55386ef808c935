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
    db.repository::<Pipeline>().view::<String>();
    Ok(())
}

fn main() {}
