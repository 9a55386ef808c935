use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "events")]
pub struct Event {
    #[persist(id)]
    pub name: String,
    pub happened_at: chrono::DateTime<chrono::Utc>,
}

fn main() {}
