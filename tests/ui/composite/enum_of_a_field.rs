use persist::prelude::*;

#[derive(Composite)]
#[persist(rename_all = "camelCase")]
pub struct Address {
    pub street: String,
    pub zip: Option<String>,
    pub house_no: i32,
    pub mood: Option<String>,
}

fn main() {}
