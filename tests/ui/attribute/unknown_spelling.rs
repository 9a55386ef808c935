use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "tags", rename_all = "camelcase")]
pub struct Tag {
    #[persist(id)]
    pub id: uuid::Uuid,
    pub name: String,
}

fn main() {}
