use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    #[persist(insert = true)]
    pub name: String,
}

fn main() {}
