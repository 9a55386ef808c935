use persist::prelude::*;

#[derive(Composite)]
pub struct Place {
    pub lat: f64,
    pub lon: f64,
}

#[derive(Repository)]
#[persist(table = "people")]
pub struct Person {
    #[persist(id)]
    pub id: i32,
    pub home: Place,
}

fn main() {}
