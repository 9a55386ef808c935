use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "categories")]
pub struct Category {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    #[persist(ancestors, order_by = "name", filter = "position > 0", limit = 3, max_depth = 0, cascade)]
    pub ancestors: Vec<CategoryName>,
    #[persist(ancestors(table = "categories"))]
    pub others: Vec<CategoryName>,
}

#[derive(View)]
#[persist(of = Category, table = "categories")]
pub struct CategoryName {
    pub name: String,
}

fn main() {}
