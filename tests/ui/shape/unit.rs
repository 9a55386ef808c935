use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "tags")]
pub struct Tag;

fn main() {}
