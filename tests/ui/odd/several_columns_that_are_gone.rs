use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "lockers")]
pub struct Locker {
    #[persist(id)]
    pub id: Uuid,
    pub colour: String,
    pub weight: Option<i32>,
}

fn main() {}
