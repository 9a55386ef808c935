use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(has_many, limit = 3)]
    pub children: Vec<Category>,
}

fn main() {}
