use persist::prelude::*;

pub struct Money;

#[derive(Domain)]
pub struct Price(Money);

fn main() {}
