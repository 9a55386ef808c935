use persist::prelude::*;

#[derive(Repositories)]
pub struct Store<'a, T> {
    session: persist::Session<'a>,
    more: T,
}

fn main() {}
