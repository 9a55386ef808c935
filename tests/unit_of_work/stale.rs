//! Several units of work that want the same row: none overwrites what it has not seen.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use persist::prelude::*;
use persist::{Error, Isolation, Retry};
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::shapes::{Category, Heading, NewCategory, NewPipeline, NewStep, NewTag, Pipeline, Step, Tag};
use crate::{Result, variable};

async fn stored() -> Result<(TestDatabase, Database, Uuid)> {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(8).connect().await?;
    let steps = (1..=3).map(|n| NewStep::new(Parent, format!("step {n}")).position(n));
    let new = NewPipeline::new("p", BTreeMap::new()).description("0").steps(steps);
    let id = db.repository::<Pipeline>().insert(new).await?.id;
    Ok((server, db, id))
}

/// What can be done to an aggregate that was read.
type Change = fn(&UnitOfWork<'_>, Pipeline, &str) -> std::result::Result<(), Error>;

const CHANGES: [(&str, Change); 5] = [
    ("a column of the root", |uow, mut pipeline, by| {
        pipeline.description = Some(by.to_owned());
        uow.save(&pipeline)
    }),
    ("a child", |uow, mut pipeline, by| {
        pipeline.steps[1].name = by.to_owned();
        uow.save(&pipeline)
    }),
    ("a child more", |uow, mut pipeline, by| {
        let position = pipeline.steps.len() as i32 + 1;
        let step = Step { id: Uuid::now_v7(), position, name: by.to_owned(), ..pipeline.steps[0].clone() };
        pipeline.steps.push(step);
        uow.save(&pipeline)
    }),
    ("a child less", |uow, mut pipeline, _| {
        pipeline.steps.remove(0);
        uow.save(&pipeline)
    }),
    ("the deletion", |uow, pipeline, _| uow.delete(&pipeline)),
];

#[track_caller]
fn names_the_row(what: &str, error: &Error, id: Uuid) {
    assert!(error.is_stale(), "{what}: {error:?}");
    assert_eq!(error.stale_key::<Pipeline>(), Some(id), "{what}");
    // A key of another entity is none.
    assert_eq!(error.stale_key::<Category>(), None, "{what}");
}

#[tokio::test]
async fn the_first_wins_and_the_second_is_stale() -> Result {
    for (first_does, first) in CHANGES {
        for (second_does, second) in CHANGES {
            let (_server, db, id) = stored().await?;
            let what = format!("{first_does}, then {second_does}");
            let (winner, loser) = (db.unit_of_work(), db.unit_of_work());
            let seen = winner.repository::<Pipeline>().get(id).await?;
            first(&winner, seen, "first")?;
            let seen = loser.repository::<Pipeline>().get(id).await?;
            second(&loser, seen, "second")?;
            winner.commit().await?;
            let after = db.repository::<Pipeline>().find(id).await?;
            let error = loser.commit().await.err().ok_or_else(|| format!("{what}: both won"))?;
            names_the_row(&what, &error, id);
            assert_eq!(db.repository::<Pipeline>().find(id).await?, after, "{what}");
        }
    }
    Ok(())
}

/// The second waits for the first, whose row is locked, and gets its error then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_same_moment_exactly_one_wins() -> Result {
    let (_server, db, id) = stored().await?;
    for time in 0..200 {
        let (one, other) = (db.unit_of_work(), db.unit_of_work());
        for (uow, name) in [(&one, "one"), (&other, "other")] {
            let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
            pipeline.description = Some(format!("{name} {time}"));
            uow.save(&pipeline)?;
        }
        let (one, other) = tokio::join!(one.commit(), other.commit());
        let stored = db.repository::<Pipeline>().get(id).await?.description;
        let (winner, error) = match (one, other) {
            (Ok(_), Err(error)) => ("one", error),
            (Err(error), Ok(_)) => ("other", error),
            (one, other) => return Err(format!("not one winner: {:?}, {:?}", one.err(), other.err()).into()),
        };
        names_the_row("both at once", &error, id);
        assert_eq!(stored, Some(format!("{winner} {time}")));
    }
    Ok(())
}

/// A struct that was read elsewhere carries the version that its reader saw.
#[tokio::test]
async fn what_was_read_elsewhere() -> Result {
    let (_server, db, id) = stored().await?;
    let old = db.repository::<Pipeline>().get(id).await?;
    let mut new = old.clone();
    new.description = Some("new".into());
    new.steps.remove(1);
    let uow = db.unit_of_work();
    uow.replace(&new)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(id).await?;
    assert_eq!((&stored.description, stored.version), (&new.description, old.version + 1));
    assert_eq!(stored.steps, new.steps);
    for (what, change) in CHANGES {
        let uow = db.unit_of_work();
        change(&uow, old.clone(), "old")?;
        let error = uow.commit().await.err().ok_or_else(|| format!("{what} of an old struct"))?;
        names_the_row(what, &error, id);
        assert_eq!(db.repository::<Pipeline>().get(id).await?, stored, "{what}");
    }
    Ok(())
}

/// Without a version the last write wins, but the row must be there.
#[tokio::test]
async fn rows_without_a_version() -> Result {
    let (_server, db, _) = stored().await?;
    let tags = db.repository::<Tag>();
    let tag = tags.insert(NewTag::new("a")).await?;
    let (one, other) = (db.unit_of_work(), db.unit_of_work());
    for (uow, name) in [(&one, "one"), (&other, "other")] {
        let mut tag = uow.repository::<Tag>().get(tag.id).await?;
        tag.name = name.into();
        uow.save(&tag)?;
    }
    other.commit().await?;
    one.commit().await?;
    assert_eq!(tags.get(tag.id).await?.name, "one");

    let uow = db.unit_of_work();
    let mut gone = uow.repository::<Tag>().get(tag.id).await?;
    gone.name = "gone".into();
    uow.save(&gone)?;
    tags.delete(tag.id).await?;
    let error = uow.commit().await.err().ok_or("the row is gone")?;
    assert!(error.is_stale(), "{error:?}");
    assert_eq!(error.stale_key::<Tag>(), Some(tag.id));
    Ok(())
}

const TASKS: usize = 32;

/// `UOW_INCREMENTS=200` is what each task shall be able to do; every day some are enough.
fn increments() -> usize {
    variable("UOW_INCREMENTS", 25)
}

/// Runs one increment after another in each of the tasks.
async fn all_at_once<F, Fut>(increment: F) -> Result
where
    F: Fn() -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result> + Send,
{
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let increment = increment.clone();
        tasks.spawn(async move {
            for _ in 0..increments() {
                increment().await?;
            }
            Result::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_with_versions() -> Result {
    let (_server, db, id) = stored().await?;
    let lost = std::sync::Arc::new(AtomicUsize::new(0));
    let (counting, losses) = (db.clone(), lost.clone());
    all_at_once(move || {
        let (db, lost) = (counting.clone(), losses.clone());
        async move {
            loop {
                let uow = db.unit_of_work();
                let mut row = uow.repository::<Heading>().get(id).await?;
                let number: usize = row.description.as_deref().unwrap_or("0").parse()?;
                row.description = Some((number + 1).to_string());
                uow.save(&row)?;
                match uow.commit().await {
                    Ok(_) => return Ok(()),
                    Err(error) if error.is_stale() => lost.fetch_add(1, Ordering::Relaxed),
                    Err(error) => return Err(error.into()),
                };
            }
        }
    })
    .await?;
    let row = db.repository::<Heading>().get(id).await?;
    assert_eq!(row.description, Some((TASKS * increments()).to_string()));
    assert_eq!(row.version as usize, 1 + TASKS * increments());
    println!("{} increments with versions, {lost:?} lost races", TASKS * increments());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn increments_with_serializable_transactions() -> Result {
    let (_server, db, _) = stored().await?;
    let id = db.repository::<Category>().insert(NewCategory::new("c").position(0)).await?.id;
    let retried = std::sync::Arc::new(AtomicUsize::new(0));
    let (counting, retries) = (db.clone(), retried.clone());
    all_at_once(move || {
        let (db, retried) = (counting.clone(), retries.clone());
        async move {
            let retry = Retry::default()
                .attempts(100_000)
                .base(Duration::from_millis(1))
                .cap(Duration::from_millis(20))
                .budget(Duration::from_secs(300));
            db.unit_of_work_builder()
                .isolation(Isolation::Serializable)
                .retry(retry)
                .on_retry(move |_| {
                    retried.fetch_add(1, Ordering::Relaxed);
                })
                .transact(async |uow| {
                    let mut row = uow.repository::<Category>().get(id).await?;
                    row.position += 1;
                    uow.save(&row)
                })
                .await?;
            Ok(())
        }
    })
    .await?;
    let sum = db.repository::<Category>().get(id).await?.position;
    assert_eq!(sum as usize, TASKS * increments());
    println!("{sum} increments under SERIALIZABLE, {retried:?} retries");
    Ok(())
}

/// What lost a race at a higher level of isolation is to be run again: it is not stale.
#[tokio::test]
async fn a_lost_race_in_a_snapshot() -> Result {
    let (_server, db, id) = stored().await?;
    for isolation in [Isolation::RepeatableRead, Isolation::Serializable] {
        let (winner, loser) = (db.unit_of_work(), db.unit_of_work_builder().isolation(isolation).build());
        for uow in [&loser, &winner] {
            let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
            pipeline.description = Some("changed".into());
            pipeline.steps[0].enabled ^= true;
            uow.save(&pipeline)?;
        }
        winner.commit().await?;
        let error = loser.commit().await.err().ok_or("both won")?;
        assert!(error.is_serialization_failure() && error.is_retryable(), "{error:?}");
    }
    Ok(())
}
