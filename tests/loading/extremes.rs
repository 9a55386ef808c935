//! Values at the ends of their types arrive as they are, however deep; what a Rust type cannot hold is an
//! error that names the column, and costs no connection.

use std::error::Error as _;

use chrono::{DateTime, NaiveTime, Utc};
use persist::prelude::*;
use persist::{Error, Sql};
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::property::streamed;
use crate::shapes::flat::Execution;
use crate::shapes::pipelines::{Limited, Nested, Whole};
use crate::shapes::trees::{Discussed, Thread};

/// Types that no column of the sample domain has.
#[derive(Debug, PartialEq, View)]
#[persist(of = Execution, table = "pipeline_executions")]
struct Measured {
    execution_number: i32,
    #[persist(sql = "error_message::float8")]
    float: Option<f64>,
    #[persist(sql = "(output ->> 'time')::time")]
    time: Option<NaiveTime>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Nested, table = "pipelines")]
struct MeasuredPipeline {
    name: String,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number")]
    executions: Vec<Measured>,
}

/// A pipeline in a pool of one connection.
async fn stored() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    let pipeline = "INSERT INTO pipelines (id, name, environment_variables)
                    VALUES ('00000000-0000-0000-0000-000000000001', 'a', '{}')";
    server.client().await.batch_execute(pipeline).await?;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    Ok((server, db))
}

const ID: Uuid = Uuid::from_u128(1);

#[tokio::test]
async fn integers_and_times_arrive_as_they_are() -> Result {
    let (server, db) = stored().await?;
    let latest = DateTime::<Utc>::MAX_UTC.timestamp_micros();
    let times = [DateTime::from_timestamp_micros(latest).ok_or("a time")?, "-4713-11-24T00:00:00Z".parse()?];
    let keys = [i64::MIN, i64::MIN + 1, -1, 0, (1 << 53) + 1, i64::MAX - 1, i64::MAX];
    let client = server.client().await;
    for (index, key) in keys.iter().enumerate() {
        let reply_to = (index > 0).then(|| keys[index - 1]);
        let insert = "INSERT INTO comments (id, pipeline_id, reply_to, body, written_at)
                      OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, '', $4)";
        client.execute(insert, &[key, &ID, &reply_to, &times[index % 2]]).await?;
    }
    for discussed in [
        db.repository::<Discussed>().get(ID).await?,
        db.repository::<Discussed>().query().for_update().first().await?.ok_or("it is there")?,
        streamed(db.repository::<Discussed>().query()).await?.remove(0),
    ] {
        let mut thread = &discussed.threads[0];
        for (index, key) in keys.iter().enumerate() {
            assert_eq!((thread.id, thread.written_at), (*key, times[index % 2]));
            thread = thread.replies.first().unwrap_or(thread);
        }
    }
    Ok(())
}

#[tokio::test]
async fn floats_arrive_as_they_are() -> Result {
    let (server, db) = stored().await?;
    let floats = [
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -0.0,
        0.1 + 0.2,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
    ];
    let client = server.client().await;
    for (number, float) in floats.iter().enumerate() {
        let insert = "INSERT INTO pipeline_executions (id, pipeline_id, execution_number, error_message)
                      VALUES ($1, $2, $3, $4)";
        let text = format!("{float:?}");
        client.execute(insert, &[&Uuid::now_v7(), &ID, &(number as i32), &text]).await?;
    }
    let pipelines = db.repository::<Nested>();
    let found = pipelines.view::<MeasuredPipeline>().get(ID).await?;
    let bits = |float: f64| if float.is_nan() { f64::NAN.to_bits() } else { float.to_bits() };
    let found: Vec<u64> = found.executions.iter().filter_map(|row| row.float).map(bits).collect();
    assert_eq!(found, floats.map(bits));
    Ok(())
}

/// The error of a call must name the column, and the only connection serve on.
async fn names<T>(
    db: &Database,
    column: &str,
    call: impl Future<Output = std::result::Result<T, Error>>,
) -> Result {
    match call.await {
        Ok(_) => panic!("`{column}` holds what its field cannot"),
        Err(error) => {
            let mut message = error.to_string();
            let mut source = error.source();
            while let Some(inner) = source {
                message.push_str(&format!(": {inner}"));
                source = inner.source();
            }
            assert!(message.contains(&format!("`{column}`")), "{message}");
        }
    }
    let state: (i64, i64) = Sql::unchecked(
        "SELECT count(*) FILTER (WHERE state LIKE 'idle in transaction%'), count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .one(db)
    .await?;
    assert_eq!(state.0, 0, "a transaction was left open");
    Ok(())
}

/// Tries every way to load a pipeline.
macro_rules! every_way {
    ($db:expr, $column:literal, $root:ty) => {{
        let repository = $db.repository::<$root>();
        names($db, $column, repository.get(ID)).await?;
        names($db, $column, repository.all()).await?;
        names($db, $column, repository.find_many(&[ID, ID])).await?;
        names($db, $column, repository.query().limit(1).all()).await?;
        names($db, $column, repository.query().for_update().all()).await?;
        names($db, $column, streamed(repository.query())).await?;
        let uow = $db.unit_of_work();
        let found = uow.repository::<$root>().get(ID).await;
        let ended = uow.rollback().await;
        names($db, $column, async { found }).await?;
        ended?;
    }};
}

#[tokio::test]
async fn an_infinite_time_is_an_error_that_names_its_column() -> Result {
    let (server, db) = stored().await?;
    let db = &db;
    let client = server.client().await;
    client
        .batch_execute(
            "INSERT INTO pipeline_executions (id, pipeline_id, execution_number, started_at)
             SELECT md5(n::text)::uuid, (SELECT id FROM pipelines), n, now() FROM generate_series(1, 3000) n;
             UPDATE pipeline_executions SET started_at = 'infinity' WHERE execution_number = 2",
        )
        .await?;
    every_way!(db, "started_at", Whole);
    // It is not among the latest.
    client
        .batch_execute("UPDATE pipeline_executions SET started_at = '-infinity' WHERE execution_number = 2")
        .await?;
    assert_eq!(db.repository::<Limited>().get(ID).await?.latest.len(), 2);
    client.batch_execute("DELETE FROM pipeline_executions WHERE execution_number > 2").await?;
    every_way!(db, "started_at", Limited);
    client
        .batch_execute(
            "INSERT INTO users (id, email, display_name, last_login_at)
             VALUES (gen_random_uuid(), 'a@example.org', '', 'infinity');
             INSERT INTO comments (id, pipeline_id, body, author_id, reply_to) OVERRIDING SYSTEM VALUE
             SELECT n, pipelines.id, '', users.id, nullif(n - 1, 0)
             FROM pipelines, generate_series(1, 5) n LEFT JOIN users ON n = 5",
        )
        .await?;
    // In a row that is joined to the end of a branch.
    every_way!(db, "last_login_at", Discussed);
    client
        .batch_execute("DELETE FROM users; UPDATE comments SET written_at = '-infinity' WHERE id = 3")
        .await?;
    every_way!(db, "written_at", Discussed);
    names(db, "written_at", db.repository::<Thread>().get(1)).await?;
    assert_eq!(db.repository::<Thread>().get(4).await?.replies.len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_hour_24_is_an_error_that_names_its_field() -> Result {
    let (server, db) = stored().await?;
    let insert = "INSERT INTO pipeline_executions (id, pipeline_id, execution_number, output)
                  SELECT gen_random_uuid(), id, n, format('{\"time\": \"%s\"}', t)::jsonb FROM pipelines,
                  unnest(ARRAY['00:00', '23:59:59.999999', '24:00']) WITH ORDINALITY u(t, n)";
    let client = server.client().await;
    client.batch_execute(insert).await?;
    let pipelines = db.repository::<Nested>();
    names(&db, "time", pipelines.view::<MeasuredPipeline>().get(ID)).await?;
    client.batch_execute("DELETE FROM pipeline_executions WHERE execution_number = 3").await?;
    let found = pipelines.view::<MeasuredPipeline>().get(ID).await?;
    let times = [NaiveTime::MIN, NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).ok_or("a time")?];
    assert_eq!(found.executions.iter().map(|row| row.time).collect::<Vec<_>>(), times.map(Some));
    Ok(())
}

#[cfg(feature = "decimal")]
mod decimals {
    use rust_decimal::Decimal;

    use super::{ID, Result, every_way_of_payers, stored};
    use crate::shapes::pipelines::Payer;

    #[tokio::test]
    async fn arrive_as_they_are_and_nan_is_an_error() -> Result {
        let (server, db) = stored().await?;
        let client = server.client().await;
        client
            .batch_execute(
                "INSERT INTO users (id, email, display_name) SELECT id, 'a@example.org', '' FROM pipelines;
                 INSERT INTO billing.accounts (id, number, owner_id) SELECT id, 'NULL', id FROM pipelines;
                 UPDATE pipelines SET owner_id = id;
                 ALTER TABLE billing.invoices ALTER amount TYPE numeric",
            )
            .await?;
        let exact = [Decimal::MAX, Decimal::MIN, Decimal::new(1, 28), Decimal::new(-10, 1), Decimal::ZERO];
        for (number, amount) in exact.iter().enumerate() {
            let insert = format!(
                "INSERT INTO billing.invoices (id, account_number, amount) OVERRIDING SYSTEM VALUE
                 VALUES ({number}, 'NULL', {amount})"
            );
            client.batch_execute(&insert).await?;
        }
        let found = db.repository::<Payer>().get(ID).await?;
        let found: Vec<String> = found.invoices.iter().map(|invoice| invoice.amount.to_string()).collect();
        assert_eq!(found, exact.map(|amount| amount.to_string()));
        for wrong in ["'NaN'", "'Infinity'", "'-Infinity'", "1e30", "1e-29", "79228162514264337593543950336"]
        {
            client
                .batch_execute(&format!("UPDATE billing.invoices SET amount = {wrong} WHERE id = 1"))
                .await?;
            every_way_of_payers(&db).await?;
        }
        Ok(())
    }
}

#[cfg(feature = "decimal")]
async fn every_way_of_payers(db: &Database) -> Result {
    every_way!(db, "amount", crate::shapes::pipelines::Payer);
    every_way!(db, "amount", Whole);
    Ok(())
}
