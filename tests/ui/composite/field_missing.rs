use persist::prelude::*;

#[derive(Composite)]
pub struct Place {
    pub lat: f64,
}

fn main() {}
