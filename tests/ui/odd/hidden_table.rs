use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "made_elsewhere")]
pub struct Made {
    #[persist(id)]
    pub id: Uuid,
}

fn main() {}
