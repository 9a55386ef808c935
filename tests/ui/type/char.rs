use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Row {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub color: i64,
}

fn main() {}
