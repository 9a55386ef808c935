use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag<T> {
    #[persist(id)]
    pub id: Uuid,
    pub name: T,
}

fn main() {}
