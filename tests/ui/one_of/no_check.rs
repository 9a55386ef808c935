use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Repository)]
#[persist(table = "drafts")]
struct Draft {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
}

fn main() {}
