use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "billing.tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

fn main() {}
