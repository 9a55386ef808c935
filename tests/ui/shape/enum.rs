use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub enum Tag {
    A(Uuid),
}

fn main() {}
