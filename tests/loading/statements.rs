//! The statements that are sent do not depend on how many rows there are, nor on the values.

use persist::Sql;
use persist::prelude::*;
use uuid::Uuid;

use crate::Result;
use crate::fill;
use crate::shapes::pipelines::{Limited, Nested};

/// What the only connection of the pool has prepared.
async fn prepared(db: &Database) -> Result<Vec<String>> {
    let all =
        "SELECT statement FROM pg_prepared_statements WHERE statement NOT LIKE '%pg_prepared%' ORDER BY 1";
    Ok(Sql::unchecked(all).all(db).await?)
}

/// Loads in every way; each time with other values.
async fn load(db: &Database, count: usize, keys: &[Uuid]) -> Result {
    let pipelines = db.repository::<Nested>();
    for (round, key) in keys.iter().take(3).enumerate() {
        pipelines.get(*key).await?;
        let name = format!("p{}", round + 1);
        assert_eq!(pipelines.filter(|p| p.name.eq(name)).all().await?.len(), 1);
        let (limit, offset) = (count as u64, round as u64);
        let few = pipelines.order_by(|p| p.name.asc()).limit(limit).offset(offset).all().await?;
        assert_eq!(few.len(), count - round);
        let some = pipelines.filter(|p| p.id.in_(&keys[..=round])).all().await?;
        assert_eq!(some.len(), round + 1);
        let limited = db.repository::<Limited>();
        assert_eq!(
            limited.order_by(|p| p.id.asc()).limit(10 + round as u64).all().await?.len(),
            (10 + round).min(count)
        );
    }
    assert_eq!(pipelines.all().await?.len(), count);
    assert_eq!(pipelines.find_many(keys).await?.len(), count);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn are_the_same_for_one_row_and_for_very_many() -> Result {
    let server = fill::database(1).await?;
    let client = server.client().await;
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let mut first = Vec::new();
    let mut stored = 1;
    for count in [1, 1_000, 100_000] {
        match count {
            1 => {}
            1_000 => client.batch_execute(&fill::pipelines(2, 1_000)).await?,
            // Children of all of them would only make the test slower.
            _ => {
                let more = format!(
                    "INSERT INTO pipelines (id, name, environment_variables)
                     SELECT md5('p' || n)::uuid, 'p' || n, '{{}}' FROM generate_series({}, {count}) n",
                    stored + 1
                );
                client.batch_execute(&more).await?;
            }
        }
        client.batch_execute("ANALYZE").await?;
        stored = count;
        let keys: Vec<Uuid> = Sql::unchecked("SELECT id FROM pipelines ORDER BY id").all(&db).await?;
        load(&db, count, &keys).await?;
        let statements = prepared(&db).await?;
        if count == 1 {
            first = statements;
            assert!(first.len() > 20, "{first:#?}");
        } else {
            assert_eq!(statements, first, "{count} rows");
        }
    }
    Ok(())
}
