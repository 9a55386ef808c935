use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Clone, Serialize, View)]
#[persist(of = Tag)]
pub struct TagName {
    pub name: String,
}

pub async fn used(db: &Database) -> Result<Vec<TagName>, persist::Error> {
    db.repository::<Tag>().filter(|t| t.name.ne("b")).view::<TagName>().all().await
}

fn main() {}
