use persist::prelude::*;

pub struct Mailer;

#[derive(Repositories)]
pub struct Store<'a> {
    session: persist::Session<'a>,
    mailer: Mailer,
}

fn main() {}
