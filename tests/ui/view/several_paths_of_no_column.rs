use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(depth)]
    pub depth: i32,
}

#[derive(View)]
#[persist(of = Category, table = "categories")]
pub struct Place {
    #[persist(path = "nome")]
    pub path: Vec<String>,
    #[persist(path = "parent_id")]
    pub parents: Vec<Uuid>,
    #[persist(path)]
    pub nothing: Vec<String>,
}

fn main() {}
