use persist::prelude::*;
use uuid::Uuid;

#[derive(OneOf)]
enum Owner {
    User(Uuid),
    Team(i32),
}

#[derive(Repository)]
#[persist(table = "documents")]
struct Document {
    #[persist(id)]
    id: Uuid,
    #[persist(one_of)]
    owner: Owner,
    user_id: Option<Uuid>,
}

fn main() {}
