use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

/// What a form sends.
pub struct NewTag {
    pub name: String,
}

pub async fn tag(db: &Database, id: Uuid) -> Result<Option<Tag>, persist::Error> {
    db.repository::<Tag>().find(id).await
}

fn main() {}
