use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "Invoices")]
pub struct Invoice {
    #[persist(id)]
    pub id: Uuid,
    pub created_at: chrono::DateTime<chrono::Utc>,
}

fn main() {}
