use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "counters")]
pub struct Counter {
    #[persist(id(database))]
    pub id: i64,
    pub name: String,
}

fn main() {}
