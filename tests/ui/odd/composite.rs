use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "people")]
pub struct Person {
    #[persist(id)]
    pub id: Uuid,
    pub home: Option<String>,
}

fn main() {}
