//! Reads and writes rows of tables without a primary key.

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
#[persist(table = "queue")]
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
