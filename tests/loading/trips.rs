//! Whole aggregates in one round trip, from where the body of `#[tokio::main]` runs.

use std::time::Duration;

use persist::prelude::*;
use persist::{Repository, Session};
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

use crate::Result;
use crate::fill::{self, EXECUTIONS, LOGS, STEPS};
use crate::shapes::pipelines::Nested;

async fn counted() -> Result<(TestDatabase, Proxy, Database)> {
    let server = fill::database(120).await?;
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    Ok((server, proxy, db))
}

fn is_whole(pipeline: &Nested) -> bool {
    let logs = |count: usize| pipeline.executions.iter().all(|execution| execution.logs.len() == count);
    pipeline.owner.is_some()
        && (pipeline.steps.len(), pipeline.tags.len()) == (STEPS, 1)
        && pipeline.executions.len() == EXECUTIONS
        && logs(LOGS)
}

async fn by_key(proxy: &Proxy, session: impl Into<Session<'_>>, key: Uuid) -> Result {
    let pipelines = Repository::<Nested>::new(session.into());
    let pipeline = assert_round_trips!(proxy, 1, pipelines.get(key).await?);
    assert!(is_whole(&pipeline), "{pipeline:#?}");
    Ok(())
}

async fn a_list(proxy: &Proxy, session: impl Into<Session<'_>>) -> Result {
    let pipelines = Repository::<Nested>::new(session.into());
    let active = pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.desc()).limit(100);
    let found = assert_round_trips!(proxy, 1, active.all().await?);
    assert!(found.len() == 100 && found.iter().all(is_whole));
    Ok(())
}

/// With some latency no answer can come between two writes and hide that they were two; without, one can come
/// after the first of them and show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_key_and_as_a_list() -> Result {
    let (_server, proxy, db) = counted().await?;
    let key = db.repository::<Nested>().query().first().await?.ok_or("there are pipelines")?.id;
    proxy.set_latency(Duration::from_millis(5));
    for _cold_then_warm in 0..20 {
        by_key(&proxy, &db, key).await?;
        a_list(&proxy, &db).await?;
    }
    proxy.set_latency(Duration::ZERO);
    for _ in 0..1_000 {
        by_key(&proxy, &db, key).await?;
        a_list(&proxy, &db).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_unit_of_work() -> Result {
    let (_server, proxy, db) = counted().await?;
    let key = db.repository::<Nested>().query().first().await?.ok_or("there are pipelines")?.id;
    for latency in [5, 0] {
        proxy.set_latency(Duration::from_millis(latency));
        for _ in 0..50 {
            let uow = db.unit_of_work();
            by_key(&proxy, &uow, key).await?;
            a_list(&proxy, &uow).await?;
            by_key(&proxy, &uow, key).await?;
            assert_round_trips!(proxy, 1, uow.commit().await?);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_connections_that_know_nothing_yet() -> Result {
    let (_server, proxy, db) = counted().await?;
    let key = db.repository::<Nested>().query().first().await?.ok_or("there are pipelines")?.id;
    for _ in 0..30 {
        let fresh = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
        by_key(&proxy, &fresh, key).await?;
        a_list(&proxy, &fresh).await?;
    }
    Ok(())
}
