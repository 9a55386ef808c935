use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(Repository)]
pub struct Pipeline {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
    pub environment_variables: Json<serde_json::Value>,
    pub owner_id: Option<Uuid>,
    #[persist(belongs_to, orphans = "delete")]
    pub owner: Option<User>,
}

fn main() {}
