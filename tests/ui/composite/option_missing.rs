use persist::prelude::*;

#[derive(Composite)]
#[persist(rename_all = "camelCase")]
pub struct Address {
    pub street: String,
    pub zip: Option<String>,
    pub house_no: i32,
    pub mood: Option<Mood>,
}

#[derive(Enum)]
pub enum Mood {
    Calm,
    Wild,
}

#[derive(Repository)]
#[persist(table = "people")]
pub struct Person {
    #[persist(id)]
    pub id: i32,
    pub home: Address,
    pub away: Address,
}

fn main() {}
