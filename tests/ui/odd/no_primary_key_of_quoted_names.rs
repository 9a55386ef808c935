use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "Books.order")]
pub struct Order {
    pub user: Uuid,
}

fn main() {}
