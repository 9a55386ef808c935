use persist::prelude::*;

#[derive(Composite)]
pub struct Adress {
    pub street: String,
}

fn main() {}
