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

#[derive(View)]
#[persist(of = User)]
pub struct Card {
    #[persist(sum = "pipelines.version")]
    pub versions: Option<i64>,
}

fn main() {}
