use std::collections::BTreeMap;

use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(ancestors)]
    pub parent: Option<CategoryName>,
    #[persist(ancestors, key_by = "id")]
    pub by_id: BTreeMap<Uuid, CategoryName>,
}

#[derive(View)]
#[persist(of = Category, table = "categories")]
pub struct CategoryName {
    pub id: Uuid,
    pub name: String,
}

fn main() {}
