use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: i32,
    pub colour: String,
}

fn main() {
    let _ = NewTag::new("a");
}
