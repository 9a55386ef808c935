use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "invoices")]
pub struct Invoice {
    #[persist(id)]
    pub id: Uuid,
}

fn main() {}
