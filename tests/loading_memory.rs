//! Streams hold a batch of rows, not all of them. Alone in its process, because memory is that of the
//! process.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

#[derive(Debug, Repository)]
#[persist(table = "tags")]
struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
    #[persist(many_to_many(through = "pipeline_tags"))]
    pipelines: Vec<Pipeline>,
}

/// So many tags, each of one of a thousand pipelines.
async fn stored(rows: usize) -> Result<TestDatabase> {
    let server = TestDatabase::new().await;
    // Checking the foreign keys of a million rows would take most of the time.
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

/// The resident memory of this process in KiB, where the system says it.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Streams the tags, each with its pipelines, and answers by how many KiB the process grew.
async fn grows_by(rows: usize) -> Result<Option<usize>> {
    let server = stored(rows).await?;
    let db = Database::connect(server.url()).await?;
    let Some(before) = resident() else { return Ok(None) };
    let (mut seen, mut most) = (0, before);
    let mut stream = db.repository::<Tag>().query().stream();
    while let Some(tag) = stream.try_next().await? {
        assert_eq!((tag.pipelines.len(), tag.id.is_nil(), tag.name.is_empty()), (1, false, false));
        assert_eq!(tag.pipelines[0].environment_variables.0["a"], "b");
        seen += 1;
        if seen % 5_000 == 0 {
            most = most.max(resident().unwrap_or_default());
        }
    }
    assert_eq!(seen, rows);
    println!("{rows} rows: {} KiB more than {before} KiB", most - before);
    Ok(Some(most - before))
}

/// `LOADING_ROWS=1000000 cargo test --test loading_memory` streams a million: they take no more memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_number_of_rows_takes_the_same_memory() -> Result {
    let rows = std::env::var("LOADING_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(100_000);
    match grows_by(rows).await? {
        // All 100,000 at once are some 40 MiB.
        Some(growth) => assert!(growth < 16 * 1024, "{rows} rows took {growth} KiB"),
        None => println!("skipped: only Linux says in /proc how much memory a process has"),
    }
    Ok(())
}
