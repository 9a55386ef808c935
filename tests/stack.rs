//! How much of the stack calls take: what one awaits is a part of what awaits it, also where it was awaited before.

mod aggregate;

use std::collections::BTreeMap;

use aggregate::{NewPipeline, NewStep, NewTag, Pipeline, Tag};
use persist::prelude::*;
use persist::{PageRequest, Sql};
use persist_testkit::TestDatabase;
use uuid::Uuid;

/// Sizes of futures, each with what it is of. None is polled.
fn sizes(db: &Database, uow: &UnitOfWork<'_>) -> Vec<(&'static str, usize)> {
    macro_rules! sizes {
        ($($future:expr),* $(,)?) => { vec![$((stringify!($future), size_of_val(&$future))),*] };
    }
    let (pipelines, tags, id) = (db.repository::<Pipeline>(), db.repository::<Tag>(), Uuid::nil());
    let new = || NewPipeline::new("nightly", BTreeMap::new());
    sizes![
        tags.find(id),
        pipelines.find(id),
        pipelines.get(id),
        pipelines.find_many(&[id]),
        pipelines.find_by_name("x"),
        pipelines.all(),
        pipelines.query().all(),
        pipelines.query().first(),
        pipelines.query().one(),
        pipelines.query().count(),
        pipelines.query().exists(),
        pipelines.query().page(PageRequest::first(1)),
        pipelines.query().select(|p| p.name).all(),
        pipelines.query().select(|p| p.name).first(),
        pipelines.query().max(|p| p.version),
        pipelines.query().update(|p| p.name.set("x")),
        pipelines.query().delete(),
        pipelines.query().delete().returning(),
        pipelines.query().stream().try_next(),
        pipelines.insert(new()),
        pipelines.insert_or_ignore(new()),
        pipelines.get_or_insert_by_name(new()),
        pipelines.upsert_by_name(new()),
        tags.insert(NewTag::new("x")),
        pipelines.delete(id),
        Sql::unchecked("SELECT 1").one::<i32>(db),
        uow.flush(),
        uow.savepoint(),
        db.unit_of_work().rollback(),
        db.unit_of_work().commit(),
        db.transact(async |uow| uow.repository::<Pipeline>().get(id).await),
    ]
}

/// A few pointers and what was said; what a call needs while it is under way is on the heap.
const MOST: usize = 2_560;

#[tokio::test]
async fn futures_are_small() {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await.expect("the server is there");
    for (what, size) in sizes(&db, &db.unit_of_work()) {
        println!("{size:>6} {what}");
        assert!(size <= MOST, "{what} is a future of {size} bytes");
    }
}

/// What a service does in one function, several times over: 45 calls, none of them boxed by it.
async fn service(db: &Database) -> Result<i64, persist::Error> {
    macro_rules! nine_calls {
        ($($name:literal)*) => { $(
            let pipelines = db.repository::<Pipeline>();
            let pipeline = pipelines.insert(NewPipeline::new($name, BTreeMap::new())).await?;
            let found = pipelines.get(pipeline.id).await?;
            let steps = (1..=3).map(|position| NewStep::new(Parent, "load").position(position));
            let other = NewPipeline::new(concat!($name, " with steps"), BTreeMap::new()).steps(steps);
            pipelines.insert(other).await?;
            let uow = db.unit_of_work();
            let mut read = uow.repository::<Pipeline>().get(found.id).await?;
            read.is_active = false;
            uow.save(&read)?;
            uow.flush().await?;
            uow.commit().await?;
            db.transact(async |uow| uow.insert(NewTag::new($name))).await?;
            pipelines.filter(|p| p.steps.any(|s| s.name.eq("load"))).page(PageRequest::first(2)).await?;
            pipelines.upsert_by_name(NewPipeline::new($name, BTreeMap::new())).await?;
        )* };
    }
    nine_calls!("a" "b" "c" "d" "e");
    db.repository::<Pipeline>().count().await
}

#[test]
fn a_function_of_many_calls_needs_little_stack() {
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let thread = small.spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let server = Box::pin(TestDatabase::new()).await;
            let db = Database::connect(server.url()).await?;
            service(&db).await
        })
    });
    let count = thread.expect("a thread").join().expect("the stack is large enough");
    assert_eq!(count.expect("all calls succeed"), 10);
}
