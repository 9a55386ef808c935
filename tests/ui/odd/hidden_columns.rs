use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "reports")]
pub struct Report {
    #[persist(id)]
    pub id: Uuid,
    pub title: String,
}

fn main() {}
