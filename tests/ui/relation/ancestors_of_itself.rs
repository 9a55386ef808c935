use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(ancestors)]
    pub ancestors: Vec<Category>,
}

fn main() {}
