use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "user_roles", filter_by(person: User, belongs_to))]
pub struct UserRole {
    #[persist(id)]
    pub user_id: Uuid,
    #[persist(id)]
    pub role_id: Uuid,
}

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

fn main() {}
