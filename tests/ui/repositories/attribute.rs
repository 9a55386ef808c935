use persist::prelude::*;

#[derive(Repositories)]
pub struct Store<'a> {
    #[persist(table = "roles")]
    session: persist::Session<'a>,
}

fn main() {}
