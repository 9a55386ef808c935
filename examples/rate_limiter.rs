//! A rate limiter of fixed windows: one statement counts and decides, also where many callers come at once: `cargo run
//! --example rate_limiter`.
//!
//! The table is in `schema/0012_limits_and_documents.sql`.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, round_trips};

#[derive(Debug, Repository)]
#[persist(table = "rate_limits")]
struct RateLimit {
    #[persist(id)]
    subject: String,
    #[persist(id)]
    window_start: DateTime<Utc>,
    used: i32,
}

/// So many calls in each window.
#[derive(Clone, Copy)]
struct Limiter {
    most: i32,
    window: TimeDelta,
}

impl Limiter {
    /// How many calls the subject has left in this window, this one counted; `None`: it has to wait.
    ///
    /// The first call of a window inserts its row, the others add to it. PostgreSQL locks the row meanwhile, so that no call
    /// is counted twice or not at all, and where the limit is reached nothing is written.
    async fn allow(
        &self,
        db: &Database,
        subject: &str,
        at: DateTime<Utc>,
    ) -> Result<Option<i32>, persist::Error> {
        let start = at.duration_trunc(self.window).unwrap_or(at);
        let limit = db
            .repository::<RateLimit>()
            .upsert(NewRateLimit::new(subject, start).used(1))
            .set(|old, new| old.used.set(old.used + new.used))
            .only_if(|old, _| old.used.lt(self.most))
            .await?;
        Ok(limit.map(|limit| self.most - limit.used))
    }

    /// Deletes the windows that are over.
    async fn clean(&self, db: &Database, at: DateTime<Utc>) -> Result<u64, persist::Error> {
        db.repository::<RateLimit>().filter(|l| l.window_start.lt(at - self.window)).delete().await
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = TestDatabase::try_new().await?;
    // The proxy only counts: it stands between the program and the server.
    let proxy = Proxy::start(&server).await;
    let db = Database::connect(proxy.url()).await?;
    let limiter = Limiter { most: 3, window: TimeDelta::minutes(1) };
    let noon: DateTime<Utc> = "2026-01-01T12:00:30Z".parse()?;

    for call in 1..=4 {
        let (left, trips) = round_trips!(proxy, limiter.allow(&db, "key 1", noon).await?);
        match left {
            Some(left) => println!("call {call}: allowed, {left} left ({trips} round trip)"),
            None => println!("call {call}: refused ({trips} round trip)"),
        }
    }
    assert_eq!(limiter.allow(&db, "key 2", noon).await?, Some(2), "another caller has a limit of its own");
    let later = noon + TimeDelta::minutes(2);
    assert_eq!(limiter.allow(&db, "key 1", later).await?, Some(2), "and so has another window");

    // A hundred at once: exactly as many as may.
    let many = Limiter { most: 40, window: TimeDelta::minutes(1) };
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let db = db.clone();
        calls.spawn(async move { many.allow(&db, "key 3", noon).await });
    }
    let answers: Vec<Option<i32>> = calls.join_all().await.into_iter().collect::<Result<_, _>>()?;
    let allowed = answers.iter().flatten().count();
    println!("of 100 calls at once {allowed} were allowed");
    assert_eq!(allowed, 40);

    let (deleted, trips) = round_trips!(proxy, limiter.clean(&db, later).await?);
    println!("{deleted} windows that are over were deleted in {trips} round trip");
    Ok(())
}
