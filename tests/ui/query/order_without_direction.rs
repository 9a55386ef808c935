use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
    pub is_active: bool,
    #[persist(has_many(table = "comments"), order_by = "id")]
    pub comments: Vec<Comment>,
}

#[derive(Repository)]
#[persist(table = "comments")]
pub struct Comment {
    #[persist(id)]
    pub id: i64,
    pub pipeline_id: Uuid,
    pub body: String,
}

fn main() {}

pub async fn query(users: &UserRepository<'_>) -> Result<(), persist::Error> {
    users.order_by(|u| u.display_name).all().await?;
    Ok(())
}
