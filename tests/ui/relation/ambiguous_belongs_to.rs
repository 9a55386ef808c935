use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(Repository)]
#[persist(table = "user_roles")]
pub struct UserRole {
    #[persist(id)]
    pub user_id: Uuid,
    #[persist(id)]
    pub role_id: Uuid,
    #[persist(belongs_to)]
    pub by: User,
}

fn main() {}
