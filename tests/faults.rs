//! What goes wrong outside of the program: a clear error, no hang, and a pool that works afterwards.

mod domain;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use domain::{Execution, NewExecution, NewPipeline, Pipeline, database};
use persist::prelude::*;
use persist::{Error, Sql};
use persist_testkit::{Cluster, Point, Proxy};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Longer than anything here takes; what takes longer hangs.
const A_MINUTE: Duration = Duration::from_secs(60);

/// The error of a call that must fail, and must not hang.
async fn fails<T>(call: impl Future<Output = std::result::Result<T, Error>>) -> Error {
    match tokio::time::timeout(A_MINUTE, call).await {
        Ok(Err(error)) => error,
        Ok(Ok(_)) => panic!("the call should have failed"),
        Err(_) => panic!("the call hangs"),
    }
}

/// The pool serves as many calls at once as it has connections. That one of them was cut may only show in the
/// next call.
async fn works(db: &Database) -> Result {
    for _ in 0..db.status().size {
        match tokio::time::timeout(A_MINUTE, db.repository::<Pipeline>().count()).await? {
            Err(error) if error.is_connection_lost() => {}
            result => drop(result?),
        }
    }
    let calls = (0..db.status().max_size).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { db.repository::<Pipeline>().count().await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        tokio::time::timeout(A_MINUTE, call).await???;
    }
    Ok(())
}

async fn behind_a_proxy() -> Result<(persist_testkit::TestDatabase, Proxy, Database)> {
    let server = persist_testkit::TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    let db = Database::builder().url(proxy.url()).pool_size(2).connect().await?;
    Ok((server, proxy, db))
}

/// Cuts the connection after every message of either side, until the call succeeds because the cut comes too
/// late.
async fn cut_everywhere<T, F: Future<Output = std::result::Result<T, Error>>>(
    proxy: &Proxy,
    db: &Database,
    mut call: impl FnMut(Uuid) -> F,
    mut check: impl AsyncFnMut(Uuid, &std::result::Result<T, Error>) -> Result,
) -> Result {
    for point in [Point::client_messages, Point::server_messages] {
        let mut survived = 0;
        for after in 0..40 {
            let id = Uuid::now_v7();
            proxy.cut(point(after));
            let result = tokio::time::timeout(A_MINUTE, call(id)).await.map_err(|_| "the call hangs")?;
            proxy.heal();
            if let Err(error) = &result {
                assert!(error.is_connection_lost(), "after {after} messages: {error:?}");
            }
            check(id, &result).await?;
            works(db).await?;
            survived += usize::from(result.is_ok());
        }
        assert!(
            (1..40).contains(&survived),
            "{survived} of 40 calls survived, so the cuts hit nothing or all"
        );
    }
    Ok(())
}

#[tokio::test]
async fn cut_at_every_message_of_a_find() -> Result {
    let (_server, proxy, db) = behind_a_proxy().await?;
    let stored = db.repository::<Pipeline>().insert(NewPipeline::new("a", BTreeMap::new())).await?;
    let find = |_| {
        let db = db.clone();
        async move { db.repository::<Pipeline>().get(stored.id).await }
    };
    cut_everywhere(&proxy, &db, find, async |_, result| {
        assert!(result.as_ref().map_or(true, |found| found.name == "a"));
        Ok(())
    })
    .await
}

#[tokio::test]
async fn cut_at_every_message_of_an_insert() -> Result {
    let (server, proxy, db) = behind_a_proxy().await?;
    let client = server.client().await;
    let insert = |id: Uuid| {
        let db = db.clone();
        let new = NewPipeline::new(id.to_string(), BTreeMap::new()).id(id);
        async move { db.repository::<Pipeline>().insert(new).await }
    };
    cut_everywhere(&proxy, &db, insert, async |id, result| {
        let stored: i64 =
            client.query_one("SELECT count(*) FROM pipelines WHERE id = $1", &[&id]).await?.get(0);
        // What was acknowledged is there; what was not is there whole or not at all.
        assert!(stored <= 1 && (result.is_err() || stored == 1), "{stored} rows after {result:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_server_is_killed_during_a_query_and_comes_back() -> Result {
    let cluster = Cluster::new().await;
    cluster.migrate_sample_domain().await;
    let db = Database::builder().url(&cluster.url()).pool_size(2).connect().await?;
    works(&db).await?;
    let sleeping = tokio::spawn({
        let db = db.clone();
        async move { fails(Sql::unchecked("SELECT pg_sleep(600)").execute(&db)).await }
    });
    let watcher = cluster.client().await;
    while watcher
        .query_one("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'", &[])
        .await?
        .get::<_, i64>(0)
        == 0
    {}
    cluster.kill().await;
    let error = sleeping.await?;
    assert!(error.is_connection_lost(), "{error:?}");
    let down = fails(db.repository::<Pipeline>().count()).await;
    assert!(down.is_connect() || down.is_connection_lost(), "{down:?}");
    cluster.start().await;
    works(&db).await
}

#[tokio::test]
async fn the_table_changes_under_a_prepared_statement() -> Result {
    let (server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let stored = pipelines.insert(NewPipeline::new("a", BTreeMap::new())).await?;
    pipelines.get(stored.id).await?;
    let client = server.client().await;
    client.batch_execute("ALTER TABLE pipelines ALTER COLUMN description TYPE varchar(20)").await?;
    assert_eq!(pipelines.get(stored.id).await?.name, "a", "prepared again without a word");
    client.batch_execute("ALTER TABLE pipelines ALTER COLUMN version TYPE integer").await?;
    let error = fails(pipelines.get(stored.id)).await;
    assert!(error.to_string().contains("`version`"), "{error}");
    client.batch_execute("ALTER TABLE pipelines ALTER COLUMN version TYPE bigint").await?;
    assert_eq!(pipelines.get(stored.id).await?.version, 1);
    Ok(())
}

#[tokio::test]
async fn a_schema_that_is_another_one_is_named() -> Result {
    let (server, db) = database().await;
    let (pipelines, executions) = (db.repository::<Pipeline>(), db.repository::<Execution>());
    let stored = pipelines.insert(NewPipeline::new("a", BTreeMap::new())).await?;
    let about = |table: &str| {
        format!(
            "the statement is about `public.{table}`: apply the migrations that the program was built with"
        )
    };
    let client = server.client().await;
    client
        .batch_execute(
            "ALTER TABLE pipelines RENAME description TO notes;
             ALTER TABLE pipelines ALTER name DROP NOT NULL; UPDATE pipelines SET name = NULL;
             ALTER TABLE pipeline_executions RENAME TO runs",
        )
        .await?;
    let error = fails(pipelines.get(stored.id)).await;
    assert!(
        error.to_string().contains("description") && error.to_string().contains(&about("pipelines")),
        "{error}"
    );
    let error = fails(executions.filter(|e| e.execution_number.gt(1)).all()).await;
    assert!(error.to_string().contains(&about("pipeline_executions")), "{error}");
    let uow = db.unit_of_work();
    uow.insert(NewExecution::new(stored.id, 1))?;
    let error = fails(uow.commit()).await;
    assert!(error.to_string().contains(&about("pipeline_executions")), "{error}");

    client.batch_execute("ALTER TABLE pipelines RENAME notes TO description").await?;
    let error = fails(pipelines.get(stored.id)).await;
    assert_eq!(error.column(), Some("name"));
    assert!(format!("{error:?}").contains("it is NULL, which the Rust type cannot hold"), "{error:?}");
    client
        .batch_execute("UPDATE pipelines SET name = 'a'; ALTER TABLE pipelines ALTER version TYPE text")
        .await?;
    let error = fails(pipelines.get(stored.id)).await;
    assert!(
        error.to_string().contains("`version`") && error.to_string().contains("about `public.pipelines`"),
        "{error}"
    );
    Ok(())
}
