use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
#[persist(table = "documents")]
enum Owner {
    #[persist(foreign_key = "author_id")]
    User(Uuid),
    Team(i32),
}

fn main() {}
