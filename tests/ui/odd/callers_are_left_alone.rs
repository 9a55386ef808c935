use persist::prelude::*;
use uuid::Uuid;

#[derive(Repository)]
#[persist(table = "counters")]
pub struct Counter {
    #[persist(id)]
    pub id: i64,
    pub nam: String,
}

impl CounterRepository<'_> {
    pub async fn named(&self, name: &str) -> Result<Vec<Counter>, persist::Error> {
        self.filter(|c| c.nam.eq(name)).order_by(|c| c.id.asc()).all().await
    }
}

pub async fn use_it(db: &Database) -> Result<Option<Counter>, persist::Error> {
    let counters = db.repository::<Counter>();
    let new = NewCounter::new(1, "first").nam("second");
    let counter = counters.insert(new).await?;
    counters.named("first").await?;
    counters.update(&counter).await?;
    counters.find(counter.id).await
}

pub fn unused() -> Uuid {
    Uuid::nil()
}

fn main() {}
