use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
pub struct Label {
    #[persist(id)]
    pub id: Uuid,
}

fn main() {}
