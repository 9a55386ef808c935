use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    #[persist(created_at, updated_at)]
    pub created_at: chrono::DateTime<chrono::Utc>,
}

fn main() {}
