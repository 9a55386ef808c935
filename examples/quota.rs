//! A quota: what is written and what it uses are committed together, in one round trip, or not at all: `cargo run
//! --example quota`.
//!
//! The tables are in `schema/0012_limits_and_documents.sql`.

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};
use uuid::Uuid;

#[derive(Debug, Repository)]
#[persist(table = "users")]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Repository)]
#[persist(table = "quotas")]
struct Quota {
    #[persist(id)]
    user_id: Uuid,
    granted: i64,
    used: i64,
}

#[derive(Debug, Repository)]
#[persist(table = "documents")]
struct Document {
    #[persist(id)]
    id: Uuid,
    title: String,
    size: i64,
    user_id: Option<Uuid>,
}

/// Stores a document and counts it. `false`: the user has no room for it, and nothing was written.
///
/// Both statements wait for the flush and leave in one write with BEGIN and COMMIT. What no session may do, also not by a
/// mistake, is a CHECK: `used BETWEEN 0 AND granted`.
async fn store(db: &Database, user: Uuid, title: &str, size: i64) -> Result<bool, persist::Error> {
    let uow = db.unit_of_work();
    uow.insert(NewDocument::new(title).user_id(user).size(size))?;
    uow.update_where::<Quota>(|q| q.user_id.eq(user), |q| q.used.set(q.used + size))?;
    match uow.commit().await {
        Ok(_) => Ok(true),
        Err(error) if error.is_check_violation() => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes room where there is enough, and says what is left: for what is not stored here.
async fn reserve(db: &Database, user: Uuid, size: i64) -> Result<Option<i64>, persist::Error> {
    db.repository::<Quota>()
        .filter(|q| q.user_id.eq(user) & (q.used + size).le(q.granted))
        .update(|q| q.used.set(q.used + size))
        .returning()
        .select(|q| q.granted - q.used)
        .await
        .map(|left| left.first().copied())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestDatabase::try_new().await?;
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let olga = db.repository::<User>().insert(NewUser::new("olga@example.org", "Olga")).await?;
    db.repository::<Quota>().insert(NewQuota::new(olga.id, 1_000)).await?;

    for (title, size) in [("minutes", 400), ("slides", 500), ("recording", 200)] {
        let (stored, trips) = round_trips!(proxy, store(&db, olga.id, title, size).await?);
        let what = if stored { "stored" } else { "refused, there is no room for it" };
        println!("{title} ({size} bytes): {what} ({trips} round trip)");
    }
    let documents = db.repository::<Document>().filter(|d| d.user_id.eq(olga.id)).count().await?;
    let quota = db.repository::<Quota>().get(olga.id).await?;
    assert_eq!((documents, quota.used), (2, 900), "what was refused left nothing behind");

    let (left, trips) = round_trips!(proxy, reserve(&db, olga.id, 60).await?);
    println!("60 bytes reserved: {left:?} are left ({trips} round trip)");
    assert_eq!((left, reserve(&db, olga.id, 60).await?), (Some(40), None));
    Ok(())
}
