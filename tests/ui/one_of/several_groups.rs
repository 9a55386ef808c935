use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Repository)]
#[persist(table = "shares")]
struct Share {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    by: Owner,
    #[persist(one_of(foreign_keys = "by_user, note_id"))]
    what: Owner,
    #[persist(one_of(foreign_keys = "by_user, id"))]
    no_key: Owner,
}

fn main() {}
