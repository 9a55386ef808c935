use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "tags")]
pub union Tag {
    id: u64,
    other: i64,
}

fn main() {}
