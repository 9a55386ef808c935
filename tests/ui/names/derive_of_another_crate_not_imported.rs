use persist::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, Serialize, Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

pub async fn used(db: &Database) -> Result<(), persist::Error> {
    let tags = db.repository::<Tag>();
    let tag = tags.insert(NewTag::new("a")).await?;
    tags.filter(|t| t.name.ne("b")).order_by(|t| t.name.asc()).update(|t| t.name.set("c")).await?;
    tags.find_by_name(tag.name).await.map(drop)
}

fn main() {}
