use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
#[persist(table = "drafts")]
enum Owner {
    User(Uuid),
    Team(i32),
}

fn main() {}
