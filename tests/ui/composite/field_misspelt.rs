use persist::prelude::*;

#[derive(Composite)]
#[persist(type = "place")]
pub struct Position {
    pub lat: f64,
    pub long: f64,
}

fn main() {}
