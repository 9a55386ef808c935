use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
#[persist(table = "tasks")]
enum Of {
    User(Uuid),
    Team(i32),
}

fn main() {}
