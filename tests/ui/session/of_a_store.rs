use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag {
    #[persist(id)]
    pub id: Uuid,
    pub name: String,
}

#[derive(Repositories)]
struct Store<'a> {
    tags: TagRepository<'a>,
}

fn main() {
    let store = Store::new("postgresql://localhost/app");
    let _ = &store.tags;
}
