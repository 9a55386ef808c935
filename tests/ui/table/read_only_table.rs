use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users", read_only)]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

fn main() {}
