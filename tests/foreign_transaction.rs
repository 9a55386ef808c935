//! A unit of work in a transaction of another pool: for a program that has one.

mod aggregate;

use std::collections::BTreeMap;

use aggregate::{NewPipeline, NewStep, Pipeline, Step};
use deadpool_postgres::{Manager, Pool, Runtime};
use persist::prelude::*;
use persist_testkit::TestDatabase;
use tokio_postgres::NoTls;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::test]
async fn joins_a_transaction_of_deadpool_postgres() -> Result {
    let server = TestDatabase::new().await;
    let pool =
        Pool::builder(Manager::new(server.config(), NoTls)).runtime(Runtime::Tokio1).max_size(1).build()?;
    let db = Database::connect(server.url()).await?;
    for commits in [true, false] {
        let mut client = pool.get().await?;
        let mut transaction = client.transaction().await?;
        transaction.execute("UPDATE pipelines SET is_active = false", &[]).await?;
        let uow = UnitOfWork::within(&mut transaction);
        let steps = [NewStep::new(Parent, "load").position(1)];
        let new = NewPipeline::new(format!("commits: {commits}"), BTreeMap::new()).steps(steps);
        let pipeline = uow.repository::<Pipeline>().insert(new).await?;
        let mut read = uow.repository::<Pipeline>().get(pipeline.id).await?;
        read.is_active = false;
        uow.save(&read)?;
        let committed = uow.commit().await?;
        assert_eq!(db.repository::<Pipeline>().filter(|p| p.id.eq(pipeline.id)).count().await?, 0);
        if commits {
            transaction.commit().await?;
            committed.run_hooks();
        } else {
            transaction.rollback().await?;
        }
        let stored = db.repository::<Pipeline>().find(pipeline.id).await?;
        assert_eq!(
            stored.map(|stored| (stored.is_active, stored.steps.len())),
            commits.then_some((false, 1))
        );
    }
    assert_eq!(db.repository::<Step>().count().await?, 1);
    Ok(())
}
