//! Futures that are dropped at any of their await points: whatever they were about to do, the pool stays
//! clean.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use persist::outbox::{Event, Relay};
use persist::prelude::*;
use persist::{Error, Sql, StatementMode};
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Heading, NewHeading, NewPipeline, NewStep, NewTag, Pipeline, Step, Tag};

const STEPS: usize = 2;

/// A future that is dropped when it is polled once too often: at each await point that it came to, if that is
/// counted up.
struct Dropped<F> {
    future: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> Future for Dropped<F> {
    /// `None` where it was dropped.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            self.future = None;
            return Poll::Ready(None);
        }
        self.polls -= 1;
        let future = self.future.as_mut().expect("it is not polled again");
        let polled = future.as_mut().poll(cx).map(Some);
        if polled.is_pending() && self.polls == 0 {
            // Whatever it waits for, no future does any more.
            self.future = None;
            return Poll::Ready(None);
        }
        polled
    }
}

fn dropped<F: Future>(polls: usize, future: F) -> Dropped<F> {
    Dropped { future: Some(Box::pin(future)), polls }
}

/// What the calls are made on.
struct Known {
    pipeline: Pipeline,
    heading: Heading,
    tag: Tag,
}

/// What the outbox holds.
#[derive(serde::Serialize)]
struct Inserted(String);

impl Event for Inserted {
    const TOPIC: &'static str = "inserted";

    fn key(&self) -> String {
        self.0.clone()
    }
}

/// Each makes rows that are called `name`, if any; a pipeline of that name has all its steps or is not there.
type Call = for<'a> fn(
    &'a Database,
    &'a Known,
    String,
) -> Pin<Box<dyn Future<Output = std::result::Result<(), Error>> + Send + 'a>>;

fn new_pipeline(name: &str) -> NewPipeline {
    let steps = (1..=STEPS as i32).map(|n| NewStep::new(Parent, name).position(n));
    NewPipeline::new(name, BTreeMap::new()).steps(steps)
}

macro_rules! calls {
    ($(|$db:ident, $known:ident, $name:ident| $what:literal $body:block)*) => {
        &[$(($what, |$db, $known, $name| Box::pin(async move { let _ = (&$db, $known, &$name); $body; Ok(()) }))),*]
    };
}

/// Every method that awaits, where what stands before it in a block is awaited as well.
const CALLS: &[(&str, Call)] = calls![
    |db, known, name| "find, get and find_many" {
        let uow = db.unit_of_work();
        let pipelines = uow.repository::<Pipeline>();
        pipelines.find(known.pipeline.id).await?;
        pipelines.get(known.pipeline.id).await?;
        pipelines.find_by_name(&known.pipeline.name).await?;
        pipelines.find_many(&[known.pipeline.id]).await?;
        uow.commit().await?
    }
    |db, known, name| "all, first, one, count, exists" {
        let uow = db.unit_of_work();
        let pipelines = uow.repository::<Pipeline>();
        pipelines.query().limit(2).all().await?;
        pipelines.query().first().await?;
        pipelines.filter(|p| p.id.eq(known.pipeline.id)).one().await?;
        pipelines.query().count().await?;
        pipelines.query().exists().await?;
        uow.rollback().await?
    }
    |db, known, name| "page" {
        let uow = db.unit_of_work();
        uow.repository::<Pipeline>().query().page(PageRequest::first(1).with_total()).await?;
        uow.commit().await?
    }
    |db, known, name| "stream" {
        let uow = db.unit_of_work();
        {
            let pipelines = uow.repository::<Pipeline>();
            let mut rows = pipelines.query().limit(2).stream();
            while rows.try_next().await?.is_some() {}
        }
        uow.commit().await?
    }
    |db, known, name| "select" {
        let uow = db.unit_of_work();
        Sql::unchecked("SELECT name FROM pipelines LIMIT 1").all::<String>(&uow).await?;
        Sql::unchecked("UPDATE tags SET color = '#000000'").execute(&uow).await?;
        uow.commit().await?
    }
    |db, known, name| "writes of a repository" {
        let uow = db.unit_of_work();
        let headings = uow.repository::<Heading>();
        let heading = headings.insert(NewHeading::new(format!("{name} alone"), BTreeMap::new())).await?;
        let heading = headings.update(&heading).await?;
        headings.upsert_by_name(NewHeading::new(&*heading.name, BTreeMap::new())).await?;
        headings.filter(|h| h.id.eq(heading.id)).update(|h| h.description.set("changed")).await?;
        headings.delete(heading.id).await?;
        headings.filter(|h| h.id.eq(heading.id)).delete().await?;
        uow.repository::<Pipeline>().insert(new_pipeline(&name)).await?;
        uow.commit().await?
    }
    |db, known, name| "commit of a unit that is one write" {
        let uow = db.unit_of_work();
        uow.insert(new_pipeline(&name))?;
        uow.commit().await?
    }
    |db, known, name| "flush" {
        let uow = db.unit_of_work();
        uow.insert(new_pipeline(&name))?;
        uow.flush().await?;
        let mut tag = known.tag.clone();
        tag.name = format!("{name} tag");
        uow.save(&tag)?;
        uow.flush().await?;
        uow.rollback().await?
    }
    |db, known, name| "save of what was read elsewhere, delete_where" {
        let uow = db.unit_of_work();
        let mut heading = known.heading.clone();
        heading.description = Some(name.clone());
        uow.save(&heading)?;
        let mut pipeline = known.pipeline.clone();
        pipeline.steps.pop();
        uow.save(&pipeline)?;
        uow.delete_where::<Step>(|s| s.name.eq("nothing is called so"));
        uow.flush().await?;
        uow.rollback().await?
    }
    |db, known, name| "a read that sends what waits" {
        let uow = db.unit_of_work();
        uow.insert(new_pipeline(&name))?;
        uow.repository::<Pipeline>().find_by_name(&name).await?;
        uow.commit().await?
    }
    |db, known, name| "refresh" {
        let uow = db.unit_of_work();
        let mut pipeline = uow.repository::<Pipeline>().get(known.pipeline.id).await?;
        uow.insert(new_pipeline(&name))?;
        uow.refresh(&mut pipeline).await?;
        uow.commit().await?
    }
    |db, known, name| "savepoints" {
        let uow = db.unit_of_work();
        uow.insert(new_pipeline(&name))?;
        let outer = uow.savepoint().await?;
        uow.insert(NewTag::new(format!("{name} in between")))?;
        let inner = uow.savepoint().await?;
        uow.insert(NewTag::new(format!("{name} in the middle")))?;
        uow.flush().await?;
        inner.rollback().await?;
        drop(uow.savepoint().await?);
        outer.release().await?;
        uow.commit().await?
    }
    |db, known, name| "transact" {
        db.transact(async |uow| {
            uow.insert(new_pipeline(&name))?;
            uow.flush().await?;
            uow.repository::<Pipeline>().get(known.pipeline.id).await
        })
        .await?
    }
    |db, known, name| "try_transact that fails" {
        let failed = db
            .try_transact(async |uow| {
                uow.insert(new_pipeline(&name))?;
                uow.flush().await?;
                Err::<(), Error>(Error::other("on purpose"))
            })
            .await;
        assert!(failed.is_err())
    }
    |db, known, name| "a token" {
        let uow = db.unit_of_work_builder().with_token().build();
        uow.insert(new_pipeline(&name))?;
        uow.flush().await?;
        uow.commit().await?
    }
    |db, known, name| "events" {
        let uow = db.unit_of_work();
        uow.insert(new_pipeline(&name))?;
        uow.publish(&Inserted(name.clone()))?;
        uow.flush().await?;
        uow.commit().await?;
        let relay = Relay::new(db);
        relay.run_once(async |_| Ok::<(), Error>(())).await?;
        relay.purge(Duration::from_secs(600)).await?
    }
    |db, known, name| "settings" {
        let builder = db.unit_of_work_builder().isolation(persist::Isolation::Serializable).read_only();
        let uow = builder.deferrable().statement_timeout(Duration::from_secs(9)).build();
        uow.repository::<Pipeline>().get(known.pipeline.id).await?;
        uow.commit().await?
    }
];

async fn filled(server: &TestDatabase) -> Result<Known> {
    let db = Database::connect(server.url()).await?;
    let pipeline = db.repository::<Pipeline>().insert(new_pipeline("known")).await?;
    let heading = db.repository::<Heading>().insert(NewHeading::new("heading", BTreeMap::new())).await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("tag")).await?;
    db.close();
    Ok(Known { pipeline, heading, tag })
}

/// A transaction by a connection of the pool, which may be the one that the dropped call had.
async fn is_clean(db: &Database, number: usize) -> Result {
    let uow = db.unit_of_work();
    // The first statement finds no transaction of another caller, and nothing that one has set for itself.
    let leftover =
        "SELECT concat_ws(' ', pg_current_xact_id_if_assigned(), current_setting('transaction_read_only'),
        current_setting('transaction_isolation'), current_setting('statement_timeout'))";
    let found: String = Sql::unchecked(leftover).one(&uow).await?;
    assert_eq!(found, "off read committed 0");
    uow.insert(new_pipeline(&format!("clean {number}")))?;
    uow.commit().await?;
    let found = db.repository::<Pipeline>().find_by_name(&*format!("clean {number}")).await?;
    assert_eq!(found.ok_or("it was committed")?.steps.len(), STEPS);
    Ok(())
}

/// No pipeline is there without its steps, and none but those that were committed.
async fn is_whole(server: &TestDatabase, committed: usize) -> Result {
    let rows = "SELECT count(*), count(*) FILTER (WHERE (SELECT count(*) FROM pipeline_steps s WHERE s.pipeline_id = p.id) <> $1)
        FROM pipelines p WHERE name <> 'heading'";
    let row = server.client().await.query_one(rows, &[&(STEPS as i64)]).await?;
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (committed as i64, 0));
    let steps = "SELECT count(*) FROM pipeline_steps WHERE name = 'known'";
    assert_eq!(server.client().await.query_one(steps, &[]).await?.get::<_, i64>(0), STEPS as i64);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_every_await_point() -> Result {
    let server = TestDatabase::new().await;
    let known = filled(&server).await?;
    let clean = AtomicUsize::new(0);
    let mut drops = 0;
    for mode in [StatementMode::Named, StatementMode::Unnamed] {
        let db = Database::builder().url(server.url()).pool_size(2).statement_mode(mode).connect().await?;
        for (what, call) in CALLS {
            // Cold at first; once it has come to its end, warm.
            let mut ends = 0;
            let mut polls = 1;
            while ends < 2 {
                let name = format!("{what} {mode:?} {ends} {polls}");
                let outcome = dropped(polls, call(&db, &known, name)).await;
                match outcome {
                    None => (polls, drops) = (polls + 1, drops + 1),
                    Some(result) => {
                        result.map_err(|error| format!("{what}: {error:?}"))?;
                        (polls, ends) = (1, ends + 1);
                    }
                }
                assert!(polls < 10_000, "{what} is never done");
                let number = clean.fetch_add(1, Ordering::Relaxed);
                is_clean(&db, number).await.map_err(|error| format!("{what}, {polls}: {error}"))?;
            }
        }
        assert_eq!(db.status().in_use, 0);
        serves(&db, &clean, 500).await?;
    }
    println!("{drops} futures dropped");
    no_transaction_is_open(&server).await?;
    let halves = "SELECT count(*) FROM pipelines p WHERE name <> 'heading' AND name NOT LIKE 'clean %'
        AND (SELECT count(*) FROM pipeline_steps s WHERE s.pipeline_id = p.id) <> $1";
    let client = server.client().await;
    assert_eq!(
        client.query_one(halves, &[&(STEPS as i64)]).await?.get::<_, i64>(0),
        0,
        "half a unit of work"
    );
    let alone = "SELECT count(*) FROM pipelines WHERE name LIKE '% alone'";
    assert_eq!(client.query_one(alone, &[]).await?.get::<_, i64>(0), 0, "a part of a unit of work");
    Ok(())
}

/// So many transactions, several at a time.
async fn serves(db: &Database, clean: &AtomicUsize, transactions: usize) -> Result {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = db.clone();
        let first = clean.fetch_add(transactions / 4, Ordering::Relaxed);
        tasks.spawn(async move {
            for number in first..first + transactions / 4 {
                is_clean(&db, number).await?;
            }
            Result::Ok(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Waits until no session but the asking one is in a transaction.
async fn no_transaction_is_open(server: &TestDatabase) -> Result {
    let client = server.client().await;
    let open = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'";
    let wait = async {
        while client.query_one(open, &[]).await?.get::<_, i64>(0) > 0 {}
        Result::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(60), wait).await.map_err(|_| "a transaction stays open")?
}

/// What is done to a unit of work of which a call was dropped, before it is committed all the same.
type Step1 = for<'a> fn(
    &'a UnitOfWork<'static>,
    &'a Known,
) -> Pin<Box<dyn Future<Output = std::result::Result<(), Error>> + Send + 'a>>;

const CALLS_OF_ONE: &[(&str, Step1)] = &[
    ("flush", |uow, _| Box::pin(uow.flush())),
    ("get", |uow, known| {
        Box::pin(async { uow.repository::<Pipeline>().get(known.pipeline.id).await.map(drop) })
    }),
    ("savepoint", |uow, _| Box::pin(async { uow.savepoint().await?.release().await })),
    ("rollback of a savepoint", |uow, _| Box::pin(async { uow.savepoint().await?.rollback().await })),
    ("update", |uow, known| {
        Box::pin(async { uow.repository::<Heading>().update(&known.heading).await.map(drop) })
    }),
];

/// The unit of work lives on when one of its calls is dropped: what it says of its commit is true.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_a_unit_of_work_that_lives_on() -> Result {
    let server = TestDatabase::new().await;
    let known = filled(&server).await?;
    let db = Database::builder().url(server.url()).pool_size(2).connect().await?;
    let (mut committed, mut refused) = (0, 0);
    for (what, call) in CALLS_OF_ONE {
        for polls in 1.. {
            let uow = db.unit_of_work();
            uow.insert(new_pipeline(&format!("{what} {polls}")))?;
            let is_done = match dropped(polls, call(&uow, &known)).await {
                None => false,
                // An update of what another round has changed is stale.
                Some(outcome) => outcome.is_ok() || *what == "update",
            };
            let answer = uow.commit().await;
            assert!(!is_done || answer.is_ok() || *what == "update", "{what}: {:?}", answer.err());
            let found = db.repository::<Pipeline>().find_by_name(&*format!("{what} {polls}")).await?;
            assert_eq!(found.is_some(), answer.is_ok(), "{what} {polls}: {:?}", answer.err());
            committed += usize::from(answer.is_ok());
            refused += usize::from(answer.is_err());
            if is_done {
                break;
            }
            assert!(polls < 1_000, "{what} is never done");
        }
    }
    println!("{committed} committed although a call was dropped, {refused} refused");
    is_whole(&server, committed + 1).await
}

/// Somebody else's transaction is given back as it is.
#[tokio::test]
async fn within_a_borrowed_transaction() -> Result {
    let server = TestDatabase::new().await;
    let known = filled(&server).await?;
    let mut client = server.client().await;
    for polls in 1..10_000 {
        let name = format!("within {polls}");
        let mut transaction = client.transaction().await?;
        let work = async {
            let uow = UnitOfWork::within(&mut transaction);
            uow.insert(new_pipeline(&name))?;
            uow.flush().await?;
            uow.repository::<Pipeline>().get(known.pipeline.id).await?;
            uow.commit().await.map(drop)
        };
        let outcome: Option<std::result::Result<(), Error>> = dropped(polls, work).await;
        transaction.rollback().await?;
        let rows = client.query_one("SELECT count(*) FROM pipelines WHERE name LIKE 'within%'", &[]).await?;
        assert_eq!(rows.get::<_, i64>(0), 0);
        if let Some(outcome) = outcome {
            outcome?;
            break;
        }
    }
    let mut transaction = client.transaction().await?;
    let uow = UnitOfWork::within(&mut transaction);
    let pipeline = uow.insert(new_pipeline("within"))?;
    let key: Uuid = uow.key(pipeline).ok_or("made by the client")?;
    uow.commit().await?;
    transaction.commit().await?;
    let db = Database::connect(server.url()).await?;
    assert_eq!(db.repository::<Pipeline>().get(key).await?.steps.len(), STEPS);
    Ok(())
}
