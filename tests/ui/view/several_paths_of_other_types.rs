use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(View)]
#[persist(of = Category, table = "categories")]
pub struct Place {
    #[persist(depth)]
    pub depth: i64,
    #[persist(path = "name")]
    pub path: String,
}

fn main() {}
