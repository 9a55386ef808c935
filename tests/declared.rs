//! Relations over columns that no foreign key ties, said by `references`: in views and in conditions.

use std::time::Duration;

use chrono::{DateTime, TimeZone as _, Utc};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
#[persist(filter_by(limits: Vec<Usage>, has_many(table = "rate_limits", foreign_key = "subject", references = "email")))]
struct User {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "rate_limits")]
#[persist(filter_by(user: Option<User>, belongs_to(foreign_key = "subject", references = "email")))]
struct RateLimit {
    #[persist(id)]
    subject: String,
    #[persist(id)]
    window_start: DateTime<Utc>,
    used: i32,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = RateLimit, table = "rate_limits")]
struct Usage {
    used: i32,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = User)]
struct UserUsage {
    display_name: String,
    #[persist(
        has_many(table = "rate_limits", foreign_key = "subject", references = "email"),
        order_by = "window_start DESC"
    )]
    limits: Vec<Usage>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = RateLimit)]
struct Limited {
    subject: String,
    #[persist(belongs_to(foreign_key = "subject", references = "email"))]
    user: Option<User>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "teams")]
struct Team {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "runbooks")]
struct Runbook {
    #[persist(id)]
    id: Uuid,
    title: String,
    current_id: Uuid,
}

/// One to one by two UNIQUE columns.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Team)]
struct Titled {
    name: String,
    #[persist(has_one(foreign_key = "title", references = "name"))]
    runbook: Option<Runbook>,
}

fn hour(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, hour, 0, 0).unwrap()
}

/// Olga has used 1, 2 and 3; Paul nothing; a key of no user 7.
async fn filled() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    for name in ["Olga", "Paul"] {
        db.repository::<User>().insert(NewUser::new(format!("{name}@example.org"), name)).await?;
    }
    let limits = db.repository::<RateLimit>();
    for (at, used) in (1..).zip([1, 2, 3]) {
        limits.insert(NewRateLimit::new("Olga@example.org", hour(at)).used(used)).await?;
    }
    limits.insert(NewRateLimit::new("key-7", hour(1)).used(7)).await?;
    Ok((server, proxy, db))
}

#[tokio::test]
async fn rows_are_loaded_by_equal_values_in_one_trip() -> Result {
    let (_server, proxy, db) = filled().await?;
    let users = db.repository::<User>();
    let read = users.order_by(|u| u.display_name.asc()).view::<UserUsage>();
    let rows = assert_round_trips!(proxy, 1, read.clone().all().await?);
    let used: Vec<(String, Vec<i32>)> = rows
        .into_iter()
        .map(|row| (row.display_name, row.limits.iter().map(|limit| limit.used).collect()))
        .collect();
    assert_eq!(used, [("Olga".into(), vec![3, 2, 1]), ("Paul".into(), vec![])]);

    let narrowed = read.with(|u| u.limits, |l| l.used.ge(2)).limit(1).all().await?;
    assert_eq!(narrowed[0].limits, [Usage { used: 3 }, Usage { used: 2 }]);
    Ok(())
}

#[tokio::test]
async fn one_row_is_joined_or_is_not_there() -> Result {
    let (_server, proxy, db) = filled().await?;
    let rows = db.repository::<RateLimit>().filter(|l| l.window_start.eq(hour(1))).view::<Limited>();
    let mut rows = assert_round_trips!(proxy, 1, rows.all().await?);
    rows.sort_by(|a, b| a.subject.cmp(&b.subject));
    let names: Vec<(&str, Option<&str>)> = rows
        .iter()
        .map(|row| (row.subject.as_str(), row.user.as_ref().map(|user| user.display_name.as_str())))
        .collect();
    assert_eq!(names, [("Olga@example.org", Some("Olga")), ("key-7", None)]);
    Ok(())
}

#[tokio::test]
async fn conditions_orders_and_writes_reach_over_it() -> Result {
    let (_server, _proxy, db) = filled().await?;
    let (users, limits) = (db.repository::<User>(), db.repository::<RateLimit>());
    let busy = users.filter(|u| u.limits.any(|l| l.used.gt(2))).all().await?;
    assert_eq!(busy.iter().map(|user| &user.display_name).collect::<Vec<_>>(), ["Olga"]);
    let sums = users
        .query()
        .order_by(|u| u.limits.count().desc())
        .select(|u| (u.display_name, u.limits.count(), u.limits.sum(|l| l.used)))
        .all()
        .await?;
    assert_eq!(sums, [("Olga".to_owned(), 3, Some(6)), ("Paul".to_owned(), 0, None)]);

    let strangers = limits.filter(|l| l.user.is_missing());
    assert_eq!(strangers.clone().count().await?, 1);
    let names = limits.filter(|l| l.user.is(|u| u.display_name.eq("Olga")));
    assert_eq!(names.clone().count().await?, 3);
    assert_eq!(names.update(|l| l.used.set(l.used + 1)).await?, 3);
    strangers.delete().await?;
    let left = limits.order_by(|l| l.used.asc()).select(|l| l.used).all().await?;
    assert_eq!(left, [2, 3, 4]);
    Ok(())
}

#[tokio::test]
async fn one_to_one_over_two_unique_columns() -> Result {
    let (server, _proxy, db) = filled().await?;
    for name in ["red", "blue"] {
        db.repository::<Team>().insert(NewTeam::new(name)).await?;
    }
    server
        .client()
        .await
        .batch_execute(
            "BEGIN;
             INSERT INTO runbooks VALUES (gen_random_uuid(), 'red', gen_random_uuid());
             INSERT INTO runbook_revisions SELECT current_id, id, 1, '' FROM runbooks;
             COMMIT",
        )
        .await?;
    let rows = db.repository::<Team>().order_by(|t| t.name.asc()).view::<Titled>().all().await?;
    let titles: Vec<Option<&str>> =
        rows.iter().map(|row| row.runbook.as_ref().map(|runbook| runbook.title.as_str())).collect();
    assert_eq!(titles, [None, Some("red")]);
    Ok(())
}
