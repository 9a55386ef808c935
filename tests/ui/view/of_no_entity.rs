use persist::prelude::*;

pub struct Pipeline;

#[derive(View)]
#[persist(of = Pipeline)]
pub struct Card {
    pub name: String,
}

fn main() {}
