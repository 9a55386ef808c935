//! What breaks while a statement runs: a clear error each time, no hang, and the pool usable afterwards.

use std::time::{Duration, Instant};

use persist_runtime::{Database, Error, Sql};
use persist_testkit::{Cluster, Point, Proxy, TestDatabase};

async fn one(db: &Database) -> Result<i32, Error> {
    Sql::unchecked("SELECT 1").one(db).await
}

#[tokio::test]
async fn a_connection_cut_at_every_message_is_lost_and_replaced() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let db = Database::builder().url(proxy.url()).pool_size(1).connect().await.unwrap();
    one(&db).await.unwrap();
    let mut cuts = 0;
    for warm in [true, false] {
        for after in 0..14 {
            for point in [Point::client_messages(after), Point::server_messages(after)] {
                if warm {
                    one(&db).await.unwrap();
                } else {
                    // Another connection, on which the statement is not prepared yet.
                    Sql::unchecked("SELECT pg_terminate_backend(pg_backend_pid())")
                        .execute(&db)
                        .await
                        .unwrap_err();
                    Sql::unchecked("SELECT 2").one::<i32>(&db).await.unwrap();
                }
                proxy.cut(point);
                match one(&db).await {
                    Ok(answer) => assert_eq!(answer, 1),
                    Err(error) => {
                        cuts += 1;
                        assert!(error.is_connection_lost(), "{point:?}: {error:?}");
                    }
                }
                proxy.heal();
                let mut attempts = 0;
                // A cut after the answer may be noticed by the next call only.
                while let Err(error) = one(&db).await {
                    attempts += 1;
                    assert!(error.is_connection_lost() && attempts == 1, "{point:?}: {error:?}");
                }
            }
        }
    }
    assert!(cuts > 20, "only {cuts} cuts were felt");
}

#[tokio::test]
async fn a_killed_server_is_noticed_and_used_again_when_it_is_back() {
    let cluster = Cluster::new().await;
    let db = Database::builder().url(&cluster.url()).pool_size(2).connect().await.unwrap();
    let running = tokio::spawn({
        let db = db.clone();
        async move { Sql::unchecked("SELECT pg_sleep(60)").execute(&db).await }
    });
    while db.status().in_use == 0 {
        tokio::task::yield_now().await;
    }
    one(&db).await.unwrap();
    cluster.kill().await;
    let error = running.await.unwrap().unwrap_err();
    assert!(error.is_connection_lost() && !error.is_timeout(), "{error:?}");
    let error = one(&db).await.unwrap_err();
    assert!(error.is_connect() || error.is_connection_lost(), "{error:?}");
    cluster.start().await;
    one(&db).await.unwrap();

    cluster.stop().await;
    assert!(one(&db).await.unwrap_err().is_connect());
    cluster.start().await;
    one(&db).await.unwrap();
}

#[tokio::test]
async fn the_server_ends_a_statement_that_takes_too_long() {
    let database = TestDatabase::empty().await;
    let builder = Database::builder().url(database.url()).pool_size(1);
    let db = builder.statement_timeout(Duration::from_millis(100)).connect().await.unwrap();
    let pid = Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap();
    let error = Sql::unchecked("SELECT pg_sleep(60)").execute(&db).await.unwrap_err();
    assert_eq!(error.code(), Some("57014"));
    assert!(error.is_statement_timeout() && error.is_timeout() && !error.is_connection_lost(), "{error:?}");
    assert_eq!(Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap(), pid);
}

#[tokio::test]
async fn a_frozen_server_does_not_hold_a_caller_with_a_time_out() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let builder = Database::builder().url(proxy.url()).pool_size(1);
    let db = builder.statement_timeout(Duration::from_millis(100)).connect().await.unwrap();
    proxy.freeze_now();
    let started = Instant::now();
    let error = one(&db).await.unwrap_err();
    assert!(error.is_statement_timeout() && error.is_timeout(), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
    proxy.heal();
    one(&db).await.unwrap();
}

#[tokio::test]
async fn errors_of_the_server_are_distinguished_and_show_no_values() {
    let database = TestDatabase::with_sql(
        "CREATE TABLE parent (id int PRIMARY KEY, name text CONSTRAINT parent_name_key UNIQUE);
         CREATE TABLE child (id int NOT NULL CHECK (id > 0), parent int REFERENCES parent);
         CREATE TYPE mood AS ENUM ('sad', 'happy');
         INSERT INTO parent VALUES (1, 'hush-hush')",
    )
    .await;
    let db = Database::builder().url(database.url()).pool_size(1).connect().await.unwrap();
    let failing = async |sql: &'static str| Sql::unchecked(sql).execute(&db).await.unwrap_err();

    let error = failing("INSERT INTO parent VALUES (2, 'hush-hush')").await;
    assert!(error.is_unique_violation());
    assert_eq!((error.table(), error.constraint()), (Some("parent"), Some("parent_name_key")));
    assert!(error.violates(persist_runtime::Constraint::new("parent", "parent_name_key")));
    assert!(!error.violates(persist_runtime::Constraint::new("child", "parent_name_key")));
    assert_eq!(
        error.to_string(),
        "`parent` has a row with this value already: unique constraint `parent_name_key` (SQLSTATE 23505)"
    );
    assert!(error.detail().unwrap().contains("hush-hush"));
    assert!(!format!("{error:?}").contains("hush-hush"), "{error:?}");

    assert!(failing("INSERT INTO child VALUES (1, 99)").await.is_foreign_key_violation());
    assert!(failing("INSERT INTO child VALUES (-1, 1)").await.is_check_violation());
    let error = failing("INSERT INTO child VALUES (NULL, 1)").await;
    assert!(error.is_not_null_violation() && error.column() == Some("id"));
    assert!(failing("SELECT * FROM nowhere").await.is_invalid_query());
    let error = failing("SELECT 'hush-hush'::text::mood").await;
    assert_eq!(error.code(), Some("22P02"));
    assert!(!format!("{error} {error:?}").contains("hush-hush"), "{error:?}");
    one(&db).await.unwrap();
}

#[tokio::test]
async fn a_value_that_does_not_fit_names_its_column_and_costs_no_connection() {
    let database = TestDatabase::empty().await;
    let db = Database::builder().url(database.url()).pool_size(1).connect().await.unwrap();
    let pid = Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap();
    for _cold_then_warm in 0..2 {
        let nested = Sql::unchecked("SELECT ARRAY[[1], [2]] AS nested").one::<Vec<i32>>(&db);
        let error = nested.await.unwrap_err();
        assert!(error.is_decode() && !error.is_encode() && !error.is_invalid_query(), "{error:?}");
        assert_eq!(error.column(), Some("nested"));
    }
    assert_eq!(Sql::unchecked("SELECT pg_backend_pid()").one::<i32>(&db).await.unwrap(), pid);
}
