use persist::prelude::*;

#[derive(Enum)]
#[persist(type = "email_address")]
pub enum Email {
    Red,
}

fn main() {}
