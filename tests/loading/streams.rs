//! Streams hold a batch of rows, not all of them, and nothing after they are dropped.

use persist::Sql;
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase};

use crate::Result;
use crate::fill;
use crate::property::streamed;
use crate::shapes::keys::{Sibling, Slot};
use crate::shapes::pipelines::{Nested, SharedTag};

/// So many tags, of which every one is of one pipeline of some thousand.
async fn tags(rows: usize) -> Result<TestDatabase> {
    let server = TestDatabase::new().await;
    // Checking the keys of a million rows would take most of the time.
    let sql = format!(
        "SET session_replication_role = replica;
         INSERT INTO pipelines (id, name, environment_variables)
             SELECT md5('p' || n)::uuid, 'p' || n, '{{\"a\": \"b\"}}' FROM generate_series(0, 999) n;
         INSERT INTO tags (id, name) SELECT md5('t' || n)::uuid, 't' || n FROM generate_series(1, {rows}) n;
         INSERT INTO pipeline_tags (pipeline_id, tag_id)
             SELECT md5('p' || n % 1000)::uuid, md5('t' || n)::uuid FROM generate_series(1, {rows}) n;
         ANALYZE"
    );
    server.client().await.batch_execute(&sql).await?;
    Ok(server)
}

#[tokio::test]
async fn batches_are_whole_at_their_ends() -> Result {
    let server = fill::database(1).await?;
    let client = server.client().await;
    let db = Database::connect(server.url()).await?;
    let mut stored = 1;
    // Batches are of 500 rows.
    for count in [499, 500, 501, 1_000, 1_001] {
        client.batch_execute(&fill::pipelines(stored + 1, count)).await?;
        stored = count;
        let pipelines = db.repository::<Nested>();
        let ordered = pipelines.order_by(|p| p.name.desc());
        assert_eq!(streamed(ordered).await?, pipelines.order_by(|p| p.name.desc()).all().await?);
        let slots = db.repository::<Slot>();
        let late = || slots.filter(|s| s.slot.gt(0)).order_by(|s| s.slot.desc());
        assert_eq!(streamed(late()).await?, late().all().await?);
        let runs = db.repository::<Sibling>();
        let ordered = || runs.order_by(|r| r.id.asc()).limit(count as u64);
        assert_eq!(streamed(ordered()).await?, ordered().all().await?);
    }
    Ok(())
}

#[tokio::test]
async fn dropped_early_gives_its_place_back() -> Result {
    let server = tags(3_000).await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let tags = db.repository::<SharedTag>();
    for read in [0, 1, 499, 500, 501, 1_500, 2_999, 3_000] {
        let mut stream = tags.query().stream();
        for _ in 0..read {
            assert!(stream.try_next().await?.is_some());
        }
        drop(stream);
        assert_eq!(tags.count().await?, 3_000, "after {read} rows");
    }
    let mut stream = tags.query().stream();
    while stream.try_next().await?.is_some() {}
    assert!(stream.try_next().await?.is_none());
    // What has ended holds nothing, although it is not dropped.
    assert_eq!(tags.count().await?, 3_000);
    drop(stream);
    let open = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    assert_eq!(Sql::unchecked(open).one::<i64>(&db).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_slow_reader_holds_the_server_back() -> Result {
    let server = tags(20_000).await?;
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let tags = db.repository::<SharedTag>();
    let mut stream = tags.query().stream();
    assert!(stream.try_next().await?.is_some());
    // Other calls go on meanwhile, and give the server all the time to send more.
    for _ in 0..50 {
        tags.count().await?;
    }
    let sent = proxy.traffic().server_messages;
    assert!(sent < 3_000, "{sent} messages for one row of 20,000");
    Ok(())
}

#[tokio::test]
async fn an_error_ends_it() -> Result {
    let server = fill::database(1_600).await?;
    let wrong = "UPDATE pipeline_executions SET started_at = 'infinity' WHERE pipeline_id = md5('p1')::uuid";
    server.client().await.batch_execute(wrong).await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let pipelines = db.repository::<Nested>();
    // `p1` is the first, or the last.
    for (is_last, seen) in [(false, 0), (true, 1_500)] {
        let query = match is_last {
            true => pipelines.order_by(|p| p.name.desc()),
            false => pipelines.order_by(|p| p.name.asc()),
        };
        let mut stream = query.stream();
        for _ in 0..seen {
            assert!(stream.try_next().await?.is_some());
        }
        let error = loop {
            match stream.try_next().await {
                Ok(row) => assert!(row.is_some(), "the error is missing"),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().contains("`started_at`"), "{error}");
        assert!(stream.try_next().await?.is_none(), "nothing comes after an error");
        assert_eq!(pipelines.count().await?, 1_600);
    }
    Ok(())
}
