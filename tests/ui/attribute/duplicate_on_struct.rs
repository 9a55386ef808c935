use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags", table = "users")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

fn main() {}
