use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "user_roles")]
pub struct UserRole {
    #[persist(id)]
    pub user_id: Uuid,
    pub role_id: Uuid,
}

fn main() {}
