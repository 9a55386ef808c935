use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct Row {
    #[persist(id)]
    pub id: Uuid,
    pub display_name: String,
    pub email: String,
    pub version: i32,
}

fn main() {}
