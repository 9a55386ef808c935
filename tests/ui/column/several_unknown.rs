use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub nam: String,
    pub colour: String,
    pub wieght: i32,
}

fn main() {}
