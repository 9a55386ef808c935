use persist::prelude::*;

pub struct Receipt;

fn print(_: Receipt) {}

pub async fn used(db: &Database, receipt: Receipt) -> Result<(), persist::Error> {
    db.transact(async move |_uow| Ok(print(receipt))).await
}

fn main() {}
