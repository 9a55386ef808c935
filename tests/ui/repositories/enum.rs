use persist::prelude::*;

#[derive(Repositories)]
pub enum Store<'a> {
    Roles(&'a str),
}

fn main() {}
