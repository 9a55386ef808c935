use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "geometry")]
pub struct Place {
    #[persist(id)]
    pub id: Uuid,
    pub during: Option<String>,
}

fn main() {}
