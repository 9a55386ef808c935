use persist::prelude::*;

pub async fn used(db: &Database) -> Result<u32, persist::Error> {
    let mut attempts = 0;
    db.transact(async |_uow| Ok({ attempts += 1; attempts })).await
}

fn main() {}
