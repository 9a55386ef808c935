use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Repository)]
#[persist(table = "notes")]
struct Note {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
}

fn main() {}
