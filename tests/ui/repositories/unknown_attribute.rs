use persist::prelude::*;

#[derive(Repositories)]
#[persist(table = "roles")]
pub struct Store<'a> {
    session: persist::Session<'a>,
}

fn main() {}
