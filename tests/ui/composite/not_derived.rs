use persist::prelude::*;

pub struct Address {
    pub street: String,
}

#[derive(Repository)]
#[persist(table = "people")]
pub struct Person {
    #[persist(id)]
    pub id: i32,
    pub home: Address,
}

fn main() {}
