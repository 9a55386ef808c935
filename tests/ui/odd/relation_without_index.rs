#![deny(deprecated)]

use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "drafts")]
pub struct Draft {
    #[persist(id)]
    pub id: Uuid,
    #[persist(has_many)]
    pub offers: Vec<Offer>,
    #[persist(has_many(table = "offers"), index = "none")]
    pub others: Vec<Offer>,
}


#[derive(Repository)]
#[persist(table = "offers")]
pub struct Offer {
    #[persist(id)]
    pub id: Uuid,
    pub draft_id: Uuid,
}

fn main() {}
