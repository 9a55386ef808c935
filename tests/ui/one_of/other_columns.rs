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
    #[persist(one_of(foreign_keys = "by_user, by_team"))]
    by: Owner,
}

fn main() {}
