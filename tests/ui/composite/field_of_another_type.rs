use persist::prelude::*;

#[derive(Composite)]
pub struct Place {
    pub lat: f64,
    pub lon: Option<String>,
}

fn main() {}
