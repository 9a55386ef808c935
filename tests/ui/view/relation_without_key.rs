use chrono::{DateTime, Utc};
use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "rate_limits")]
pub struct RateLimit {
    #[persist(id)]
    pub subject: String,
    #[persist(id)]
    pub window_start: DateTime<Utc>,
}

#[derive(Repository)]
#[persist(table = "users")]
pub struct User {
    #[persist(id)]
    pub id: Uuid,
    pub email: String,
    pub display_name: String,
}

#[derive(View)]
#[persist(of = User)]
pub struct UserUsage {
    #[persist(has_many(foreign_key = "subject"))]
    pub limits: Vec<RateLimit>,
}

fn main() {}
