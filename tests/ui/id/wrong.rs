use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    pub id: Uuid,
    #[persist(id)]
    pub name: String,
}

fn main() {}
