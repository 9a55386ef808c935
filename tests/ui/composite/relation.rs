use persist::prelude::*;

#[derive(Composite)]
pub struct Place {
    pub lat: f64,
    pub lon: f64,
}

#[derive(Repository)]
#[persist(table = "spots")]
pub struct Spot {
    #[persist(id)]
    pub at: Place,
    pub label: String,
    #[persist(has_many)]
    pub notes: Vec<Note>,
}

#[derive(Repository)]
#[persist(table = "notes")]
pub struct Note {
    #[persist(id)]
    pub id: i32,
    pub at: Place,
    pub body: String,
}

fn main() {}
