use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(new = "tag draft")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

fn main() {}
