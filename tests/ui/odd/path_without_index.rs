#![deny(deprecated)]

use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(
    table = "drafts",
    filter_by(offers: Vec<Offer>, has_many),
    filter_by(others: Vec<Offer>, has_many(table = "offers"), index = "none")
)]
pub struct Draft {
    #[persist(id)]
    pub id: Uuid,
}

#[derive(Repository)]
#[persist(table = "offers")]
pub struct Offer {
    #[persist(id)]
    pub id: Uuid,
    pub draft_id: Uuid,
}

fn main() {}
