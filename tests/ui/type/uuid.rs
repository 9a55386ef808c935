use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Row {
    #[persist(id)]
    pub id: String,
    pub name: String,
}

fn main() {}
