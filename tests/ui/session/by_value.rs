use persist::Sql;
use persist::prelude::*;

async fn names(uow: UnitOfWork<'_>) -> Result<u64, persist::Error> {
    Sql::unchecked("TRUNCATE pipelines").execute(uow).await
}

fn main() {}
