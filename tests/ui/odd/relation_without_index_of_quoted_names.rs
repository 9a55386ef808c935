#![deny(deprecated)]

use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "WebhookCall")]
pub struct Call {
    #[persist(id)]
    pub id: Uuid,
    #[persist(column = "webhookId")]
    pub webhook_id: Uuid,
}

#[derive(Repository)]
#[persist(table = "Invoices")]
pub struct Invoice {
    #[persist(id)]
    pub id: Uuid,
    #[persist(column = "createdAt")]
    pub created_at: chrono::DateTime<chrono::Utc>,
    #[persist(has_many)]
    pub calls: Vec<Call>,
}

fn main() {}
