//! Reads and writes rows of tables without a primary key.

use persist::Sql;
use persist::prelude::*;

#[derive(Debug, Clone, PartialEq, Repository)]
struct Release {
    #[persist(id)]
    id: i32,
    name: String,
    #[persist(has_one)]
    coverage: Option<Coverage>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "coverage")]
struct Coverage {
    #[persist(id)]
    release_id: i32,
    items: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "queue", filter_by(counted: Option<Counted>, belongs_to(table = "queue_counts", foreign_key = "name", references = "name")))]
struct Queued {
    #[persist(id(database))]
    id: i32,
    name: String,
    version: String,
    attempt: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "priorities")]
struct Priority {
    #[persist(id)]
    pattern: String,
    priority: i32,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "defects")]
#[persist(filter_by(release: Option<Release>, belongs_to(foreign_key = "release_id", references = "id")))]
struct Ticket {
    #[persist(id)]
    id: i64,
    release_id: Option<i64>,
    short_id: Option<i16>,
}

/// Integers of three lengths.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Release, table = "releases")]
struct Ticketed {
    name: String,
    #[persist(has_many(table = "defects", foreign_key = "release_id", references = "id"), order_by = "id")]
    tickets: Vec<Ticket>,
    #[persist(has_many(table = "defects", foreign_key = "short_id", references = "id"), order_by = "id", index = "none")]
    short: Vec<Ticket>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Ticket, table = "defects")]
struct Named {
    #[persist(belongs_to(table = "releases", foreign_key = "short_id", references = "id"))]
    release: Option<Release>,
}

pub async fn numbered(db: &Database) -> Result<(), persist::Error> {
    let (releases, tickets) = (db.repository::<Release>(), db.repository::<Ticket>());
    releases.insert(NewRelease::new(7, "seven")).await?;
    releases.insert(NewRelease::new(-8, "eight")).await?;
    for (id, release, short) in [(1, Some(7), Some(-8)), (2, Some(-8), None), (3, Some(1 << 40), Some(7)), (4, None, Some(7))] {
        tickets.insert(NewTicket::new(id).release_id(release).short_id(short)).await?;
    }
    let ids = |tickets: &[Ticket]| tickets.iter().map(|ticket| ticket.id).collect::<Vec<_>>();
    let rows = releases.filter(|r| r.id.in_([7, -8])).order_by(|r| r.id.desc()).view::<Ticketed>().all().await?;
    let shown: Vec<_> = rows.iter().map(|row| (row.name.as_str(), ids(&row.tickets), ids(&row.short))).collect();
    assert_eq!(shown, [("seven", vec![1], vec![3, 4]), ("eight", vec![2], vec![1])]);
    let cut = releases.filter(|r| r.id.eq(7)).limit(1).view::<Ticketed>().one().await?;
    assert_eq!((ids(&cut.tickets), ids(&cut.short)), (vec![1], vec![3, 4]));
    let lost = tickets.filter(|t| t.release.is_missing()).order_by(|t| t.id.asc()).select(|t| t.id).all().await?;
    assert_eq!(lost, [3, 4]);
    let named = tickets.order_by(|t| t.id.asc()).view::<Named>().all().await?;
    let named: Vec<Option<&str>> =
        named.iter().map(|row| row.release.as_ref().map(|release| release.name.as_str())).collect();
    assert_eq!(named, [Some("eight"), None, Some("seven"), Some("seven")]);
    Ok(())
}

/// Of a materialized view.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "queue_counts", read_only)]
struct Counted {
    #[persist(id)]
    name: String,
    waiting: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Queued, table = "queue")]
struct Waiting {
    version: String,
    #[persist(belongs_to(table = "queue_counts", foreign_key = "name", references = "name"))]
    counted: Option<Counted>,
}

pub async fn counted(db: &Database) -> Result<(), persist::Error> {
    let (queue, counts) = (db.repository::<Queued>(), db.repository::<Counted>());
    for (name, version) in [("tokio", "1"), ("tokio", "2"), ("axum", "1")] {
        queue.insert(NewQueued::new(name, version)).await?;
    }
    let busiest = queue.order_by(|q| (q.counted.by(|c| c.waiting.desc()).nulls_last(), q.name.asc(), q.version.asc()));
    let before = busiest.clone().view::<Waiting>().limit(1).all().await?;
    assert_eq!(before[0].counted, None, "nothing was refreshed yet");
    Sql::unchecked("REFRESH MATERIALIZED VIEW queue_counts").execute(db).await?;
    let sql = busiest.clone().limit(3).sql().concat();
    assert!(sql.contains("LEFT JOIN public.queue_counts AS s1"), "{sql}");
    let rows = busiest.limit(3).view::<Waiting>().all().await?;
    let rows: Vec<(&str, i64)> =
        rows.iter().map(|row| (row.version.as_str(), row.counted.as_ref().map_or(0, |counted| counted.waiting))).collect();
    assert_eq!(rows, [("1.0.0", 2), ("1.0.1", 2), ("1", 2)]);
    assert_eq!(counts.find_by_name("axum").await?, counts.find("axum".into()).await?);
    assert_eq!(counts.filter(|c| c.waiting.gt(1)).count().await?, 2);
    let error = counts.delete("axum".into()).await.expect_err("it is only read");
    assert_eq!(error.code(), Some("42809"), "{error}");
    Ok(())
}

pub async fn read_and_written(db: &Database) -> Result<(), persist::Error> {
    let (queue, priorities) = (db.repository::<Queued>(), db.repository::<Priority>());
    let mut first = queue.insert(NewQueued::new("serde", "1.0.0")).await?;
    let second = queue.upsert_by_name_and_version(NewQueued::new("serde", "1.0.1").attempt(2)).await?;
    assert_eq!(queue.insert_or_ignore(NewQueued::new("serde", "1.0.1")).await?, None);
    assert_eq!(queue.find_many(&[second.id, first.id]).await?, [second.clone(), first.clone()]);
    let claimed = queue
        .filter(|q| q.attempt.lt(5))
        .order_by(|q| q.attempt.asc())
        .limit(1)
        .skip_locked()
        .update(|q| q.attempt.set(q.attempt + 1))
        .returning()
        .await?;
    assert_eq!((claimed.len(), claimed[0].id, claimed[0].attempt), (1, first.id, 1));
    first.attempt = 4;
    let uow = db.unit_of_work();
    uow.save(&first)?;
    uow.delete(&second)?;
    uow.insert(NewQueued::new("serde", "1.0.1"))?;
    uow.insert(NewPriority::new("%", 7))?;
    uow.commit().await?;
    let left: Vec<(String, i32)> =
        queue.order_by(|q| q.version.asc()).select(|q| (q.version, q.attempt)).all().await?;
    assert_eq!(left, [("1.0.0".into(), 4), ("1.0.1".into(), 0)]);

    for (pattern, priority) in [("a%", 1), ("b%", 2), ("%", 9)] {
        priorities.upsert(NewPriority::new(pattern, priority)).await?;
    }
    assert_eq!(priorities.get("%".into()).await?.priority, 9);
    let (mut seen, mut request) = (Vec::new(), PageRequest::first(1));
    loop {
        let page = priorities.order_by(|p| p.priority.desc()).page(request).await?;
        seen.extend(page.items.into_iter().map(|row| row.priority));
        let Some(next) = page.next else { break };
        request = PageRequest::first(1).after(next);
    }
    assert_eq!(seen, [9, 2, 1]);
    assert!(priorities.delete("a%".into()).await?);

    let releases = db.repository::<Release>();
    let uow = db.unit_of_work();
    uow.insert(NewRelease::new(1, "one").coverage(NewCoverage::new(Parent).items(3)))?;
    uow.commit().await?;
    let mut one = releases.get(1).await?;
    assert_eq!(one.coverage, Some(Coverage { release_id: 1, items: Some(3) }));
    let uow = db.unit_of_work();
    one = uow.repository::<Release>().get(one.id).await?;
    one.coverage = None;
    uow.save(&one)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Coverage>().query().count().await?, 0);
    Ok(())
}
