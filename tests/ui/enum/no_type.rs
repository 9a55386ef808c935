use persist::prelude::*;

#[derive(Enum)]
pub enum Colour {
    Red,
}

fn main() {}
