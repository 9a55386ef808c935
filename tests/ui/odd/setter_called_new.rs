use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "drafts")]
pub struct Draft {
    #[persist(id)]
    pub id: Uuid,
    pub new: Option<String>,
}

fn main() {}
