use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct Box {
    #[persist(id)]
    pub id: Uuid,
}

fn main() {}
