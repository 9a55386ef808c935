use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "users")]
struct User {
    #[persist(id)]
    id: Uuid,
}

#[derive(Repository)]
#[persist(table = "teams")]
struct Team {
    #[persist(id)]
    id: i32,
}

#[derive(OneOf)]
enum Owner {
    User(User),
    Team(Team),
}

#[derive(Repository)]
#[persist(table = "documents")]
struct Document {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
}

fn main() {}
