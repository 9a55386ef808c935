use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "plugins")]
pub struct Plugin {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

fn main() {}
