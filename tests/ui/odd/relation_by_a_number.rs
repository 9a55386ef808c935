use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "offers")]
pub struct Offer {
    #[persist(id)]
    pub id: Uuid,
    pub draft_id: Uuid,
}

#[derive(Repository)]
#[persist(table = "prices")]
pub struct Price {
    #[persist(id)]
    pub amount: String,
    #[persist(has_many)]
    pub offers: Vec<Offer>,
}

fn main() {}
