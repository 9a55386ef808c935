use persist::prelude::*;

#[derive(Repositories)]
pub struct Store;

fn main() {}
