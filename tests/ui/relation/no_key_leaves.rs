use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(belongs_to)]
    pub owner: Owner,
}

#[derive(View)]
#[persist(of = Tag)]
pub struct Owner {
    pub name: String,
}

fn main() {}
