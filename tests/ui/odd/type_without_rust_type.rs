use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "geometry")]
pub struct Place {
    #[persist(id)]
    pub id: Uuid,
    pub middle: Option<(f64, f64)>,
}

fn main() {}
