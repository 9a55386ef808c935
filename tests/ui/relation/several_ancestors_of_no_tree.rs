use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[persist(ancestors)]
    pub above: Vec<UserName>,
}

#[derive(View)]
#[persist(of = User)]
pub struct UserName {
    pub display_name: String,
}

#[derive(View)]
#[persist(of = User)]
pub struct UserPlace {
    #[persist(depth)]
    pub depth: i32,
    #[persist(path = "email", foreign_key = "boss_id")]
    pub path: Vec<String>,
}

fn main() {}
