use persist::prelude::*;

#[derive(Domain)]
#[persist(type = "email_adress")]
pub struct Email(String);

fn main() {}
