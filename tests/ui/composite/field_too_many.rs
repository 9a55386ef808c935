use persist::prelude::*;

#[derive(Composite)]
pub struct Place {
    pub lat: f64,
    pub lon: f64,
    pub altitude: Option<f64>,
}

fn main() {}
