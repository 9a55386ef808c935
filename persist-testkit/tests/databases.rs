//! Databases of tests: separate, equal to each other, and gone afterwards.

use persist_testkit::TestDatabase;
use std::time::Instant;

#[tokio::test]
async fn holds_the_sample_domain() {
    let database = TestDatabase::new().await;
    let client = database.client().await;
    let insert =
        "INSERT INTO pipelines (id, name, environment_variables) VALUES (gen_random_uuid(), 'nightly', '{}')";
    assert_eq!(client.execute(insert, &[]).await.unwrap(), 1);
    let refused = client.execute(insert, &[]).await.unwrap_err();
    assert_eq!(refused.as_db_error().unwrap().constraint(), Some("pipelines_name_key"));
    let row = client.query_one("SELECT name, step_count FROM pipeline_overview", &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("nightly", 0_i64));
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_made_at_once_do_not_see_each_other() {
    let started = Instant::now();
    let tests: Vec<_> = (0..8)
        .map(|number: i32| {
            tokio::spawn(async move {
                let database = TestDatabase::with_sql("CREATE TABLE numbers (number int)").await;
                let client = database.client().await;
                client.execute("INSERT INTO numbers VALUES ($1)", &[&number]).await.unwrap();
                let rows = client.query("SELECT number FROM numbers", &[]).await.unwrap();
                (database, rows.iter().map(|row| row.get(0)).collect::<Vec<i32>>())
            })
        })
        .collect();
    let mut names = Vec::new();
    for (number, test) in tests.into_iter().enumerate() {
        let (database, seen) = test.await.unwrap();
        assert_eq!(seen, [number as i32]);
        names.push(database.name().to_owned());
    }
    println!("8 databases in {:?}", started.elapsed());
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 8);
}

#[tokio::test]
async fn is_dropped_although_a_client_is_connected() {
    let other = TestDatabase::empty().await;
    let witness = other.client().await;
    let database = TestDatabase::empty().await;
    let name = database.name().to_owned();
    let connected = database.client().await;
    drop(database);
    // The drop is queued before this: databases are made and dropped one after another.
    let _later = TestDatabase::empty().await;
    let left = witness.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.unwrap();
    assert!(left.is_empty());
    assert!(connected.simple_query("SELECT 1").await.is_err());
}

#[tokio::test]
async fn a_migration_that_fails_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("2_later.sql"), "CREATE TABLE b (a int REFERENCES a);").unwrap();
    std::fs::write(folder.path().join("10_last.sql"), "-- one\n\nCREATE TABLE c (d no_such_type);").unwrap();
    std::fs::write(folder.path().join("1_first.sql"), "CREATE TABLE a (a int PRIMARY KEY);").unwrap();
    let path = folder.path().to_owned();
    let panic =
        tokio::spawn(async move { TestDatabase::with_schema(path).await }).await.unwrap_err().into_panic();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(message, "10_last.sql:3: `CREATE TABLE c (d …`: ERROR: type \"no_such_type\" does not exist");
}
