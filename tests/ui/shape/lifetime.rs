use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag<'a> {
    #[persist(id)]
    pub id: Uuid,
    pub name: &'a str,
}

fn main() {}
