//! Each call is one round trip, also the first one on a connection.

mod domain;

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{Execution, ExecutionStatus, NewExecution, NewPipeline, Pipeline};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn counted() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes and hide that they were two.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    Ok((server, proxy, db))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cold_and_warm_calls_take_one() -> Result {
    let (_server, proxy, db) = counted().await?;
    let pipelines = db.repository::<Pipeline>();
    let executions = db.repository::<Execution>();
    let mut pipeline =
        assert_round_trips!(proxy, 1, pipelines.insert(NewPipeline::new("a", BTreeMap::new())).await?);
    let execution =
        assert_round_trips!(proxy, 1, executions.insert(NewExecution::new(pipeline.id, 1)).await?);
    for _cold_then_warm in 0..2 {
        assert_round_trips!(proxy, 1, pipelines.get(pipeline.id).await?);
        assert_round_trips!(proxy, 1, executions.get(execution.id).await?);
        assert_round_trips!(proxy, 1, pipelines.find_many(&[pipeline.id]).await?);
        assert_round_trips!(proxy, 1, pipelines.find_by_name("a").await?);
        let pending = executions.filter(|e| e.status.eq(ExecutionStatus::Pending));
        assert_round_trips!(proxy, 1, pending.all().await?);
        assert_round_trips!(proxy, 1, executions.count().await?);
        pipeline = assert_round_trips!(proxy, 1, pipelines.update(&pipeline).await?);
        assert_round_trips!(
            proxy,
            1,
            pipelines.upsert_by_name(NewPipeline::new("b", BTreeMap::new())).await?
        );
        assert_round_trips!(
            proxy,
            1,
            pipelines.filter(|p| p.name.eq("b")).update(|p| p.name.set("b")).await?
        );
        assert_round_trips!(proxy, 1, pipelines.filter(|p| p.name.eq("b")).delete().await?);
        assert_round_trips!(proxy, 1, pipelines.delete(execution.id).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_find_by_key_takes_one_a_thousand_times() -> Result {
    let (_server, proxy, db) = counted().await?;
    proxy.set_latency(Duration::ZERO);
    let pipelines = db.repository::<Pipeline>();
    let pipeline = pipelines.insert(NewPipeline::new("a", BTreeMap::new())).await?;
    for _ in 0..1_000 {
        assert_round_trips!(proxy, 1, pipelines.get(pipeline.id).await?);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_find_takes_one_on_a_hundred_connections() -> Result {
    let (_server, proxy, db) = counted().await?;
    let executions = db.repository::<Execution>();
    let pipeline = db.repository::<Pipeline>().insert(NewPipeline::new("a", BTreeMap::new())).await?;
    let execution = executions.insert(NewExecution::new(pipeline.id, 1)).await?;
    for _ in 0..100 {
        let fresh = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
        let executions = fresh.repository::<Execution>();
        assert_round_trips!(proxy, 1, executions.get(execution.id).await?);
        assert_round_trips!(proxy, 1, executions.get(execution.id).await?);
        fresh.close();
    }
    Ok(())
}
