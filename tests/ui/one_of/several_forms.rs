use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
struct Owner(Uuid);

#[derive(OneOf)]
enum Alone {
    User(Uuid),
}

#[derive(OneOf)]
enum Empty {
    User,
    Team { id: i32 },
}

fn main() {}
