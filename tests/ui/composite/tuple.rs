use persist::prelude::*;

#[derive(Composite)]
pub struct Place(pub f64, pub f64);

fn main() {}
