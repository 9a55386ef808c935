//! New rows that may be there already.

mod aggregate;

use std::collections::BTreeMap;
use std::time::Duration;

use aggregate::{NewPipeline, NewStep, NewTag, Pipeline, Step, Tag};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn counted() -> Result<(TestDatabase, Proxy, Database)> {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes and hide that they were two.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    Ok((server, proxy, db))
}

fn nightly() -> NewPipeline {
    NewPipeline::new("nightly", BTreeMap::from([("A".to_owned(), "1".to_owned())]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_is_changed_by_what_it_is() -> Result {
    let (_server, proxy, db) = counted().await?;
    let (pipelines, steps) = (db.repository::<Pipeline>(), db.repository::<Step>());
    let pipeline = pipelines.upsert_by_name(nightly()).await?;
    let upsert = |position, name: &str| {
        let new = NewStep::new(pipeline.id, name).position(position);
        steps.upsert_by_pipeline_id_and_position(new)
    };
    for _cold_then_warm in 0..2 {
        let first = assert_round_trips!(proxy, 1, upsert(1, "a").await?);
        let joined = upsert(1, "b").set(|old, new| old.name.set(old.name.concat("+").concat(new.name)));
        let joined = assert_round_trips!(proxy, 1, joined.await?);
        assert_eq!((joined.id, joined.name.as_str()), (first.id, "a+b"));
    }
    let new = upsert(2, "new").set(|old, _| old.name.set("old"));
    assert_eq!(new.await?.name, "new", "it was not there");
    // Several columns, and values.
    let set = upsert(2, "x")
        .set(|old, new| (old.name.set(new.name.greatest("y")), old.position.set(old.position + 5)));
    let set = set.await?;
    assert_eq!((set.name.as_str(), set.position), ("y", 7));
    Ok(())
}

#[tokio::test]
async fn what_is_there_is_changed_under_a_condition() -> Result {
    let (_server, _proxy, db) = counted().await?;
    let pipelines = db.repository::<Pipeline>();
    let first = pipelines
        .upsert_by_name(nightly())
        .only_if(|old, _| old.is_active.eq(true))
        .await?
        .expect("it is new");
    let changed =
        pipelines.upsert_by_name(nightly().is_active(false)).only_if(|old, _| old.is_active.eq(true)).await?;
    let changed = changed.expect("it was active");
    assert_eq!((changed.id, changed.is_active, changed.version), (first.id, false, first.version + 1));
    let refused = pipelines
        .upsert_by_name(nightly().is_active(true))
        .only_if(|old, new| old.is_active.gt(new.is_active));
    assert_eq!(refused.await?, None);
    let both = pipelines.upsert_by_name(nightly());
    let both =
        both.set(|old, _| old.version.set(old.version + 10)).only_if(|old, _| old.version.lt(5)).await?;
    assert_eq!(both.expect("the version is 2").version, 12);
    assert_eq!(pipelines.get(first.id).await?.version, 12);
    let nothing = pipelines.upsert_by_name(nightly()).set(|_, _| Vec::<persist::query::Assignment>::new());
    assert!(nothing.await.expect_err("nothing is set").is_invalid_query());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_stays() -> Result {
    let (_server, proxy, db) = counted().await?;
    let (pipelines, tags) = (db.repository::<Pipeline>(), db.repository::<Tag>());
    let first =
        assert_round_trips!(proxy, 1, tags.insert_or_ignore(NewTag::new("a")).await?).expect("it is new");
    assert_eq!(assert_round_trips!(proxy, 1, tags.insert_or_ignore(NewTag::new("a")).await?), None);
    assert_eq!(tags.insert_or_ignore(NewTag::new("b").id(first.id)).await?, None, "by any UNIQUE key");
    for _cold_then_warm in 0..2 {
        let found = assert_round_trips!(proxy, 1, tags.get_or_insert_by_name(NewTag::new("a")).await?);
        assert_eq!(found, (first.clone(), false));
    }
    let (made, is_new) = assert_round_trips!(proxy, 1, tags.get_or_insert_by_name(NewTag::new("c")).await?);
    assert!(is_new && made.name == "c");
    // Whole structs, also where there is something to read.
    let (pipeline, is_new) = assert_round_trips!(proxy, 1, pipelines.get_or_insert_by_name(nightly()).await?);
    assert!(is_new);
    db.repository::<Step>().insert(NewStep::new(pipeline.id, "s").position(1)).await?;
    let (found, is_new) = assert_round_trips!(proxy, 1, pipelines.get_or_insert_by_name(nightly()).await?);
    assert_eq!(
        (found.steps.len(), is_new, found.version),
        (1, false, pipeline.version),
        "nothing was written"
    );
    let error = tags.get_or_insert_by_name(NewTag::new("d").id(first.id)).await.expect_err("another key");
    assert!(error.is_unique_violation(), "{error}");
    Ok(())
}

/// What could not be written is refused, and nothing of it is dropped.
#[tokio::test]
async fn nested_rows_and_keys_that_find_nothing_are_refused() -> Result {
    let (_server, _proxy, db) = counted().await?;
    let pipelines = db.repository::<Pipeline>();
    let nested = || nightly().steps([NewStep::new(Parent, "a").position(1)]);
    let refused = [
        pipelines.insert_or_ignore(nested()).await.map(drop),
        pipelines.get_or_insert_by_name(nested()).await.map(drop),
        pipelines.upsert_by_name(nested()).await.map(drop),
        pipelines.upsert_by_name(nested()).set(|old, _| old.is_active.set(false)).await.map(drop),
        db.unit_of_work().queue(pipelines.upsert_by_name(nested())),
    ];
    for refused in refused {
        let error = refused.expect_err("its step would be lost");
        assert!(error.is_invalid_query() && error.to_string().contains("nested"), "{error}");
    }
    assert_eq!(pipelines.count().await?, 0);

    // A trigger gives the row another key than the one that it is looked for by.
    let trigger = "CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := lower(NEW.name); RETURN NEW; END $$;\nCREATE TRIGGER lowered BEFORE INSERT ON tags FOR EACH ROW EXECUTE FUNCTION lowered()";
    db_client(&db, trigger).await?;
    let tags = db.repository::<Tag>();
    let error = tags.get_or_insert_by_name(NewTag::new("A")).await.expect_err("it has another key");
    assert!(error.is_committed() && error.to_string().contains("committed"), "{error:?}");
    assert_eq!(tags.count().await?, 1);
    let error = tags.get_or_insert_by_name(NewTag::new("A")).await.expect_err("nothing has this key");
    assert!(error.is_not_found() && !error.is_committed(), "{error:?}");
    // In a unit of work nothing is committed, then or later.
    let uow = db.unit_of_work();
    let error =
        uow.repository::<Tag>().get_or_insert_by_name(NewTag::new("B")).await.expect_err("another key");
    assert!(!error.is_committed(), "{error:?}");
    assert!(uow.commit().await.is_err());
    assert_eq!(tags.count().await?, 1);
    Ok(())
}

async fn db_client(db: &Database, script: &str) -> Result {
    for statement in script.split(";\n") {
        persist::Sql::unchecked(statement.to_owned()).execute(db).await?;
    }
    Ok(())
}

/// A row that is found was not written: what was known of it stays.
#[tokio::test]
async fn what_is_found_shows_what_was_read() -> Result {
    let (_server, _proxy, db) = counted().await?;
    let steps = db.repository::<Step>();
    let pipeline = db.repository::<Pipeline>().insert(nightly()).await?;
    let step = steps.insert(NewStep::new(pipeline.id, "one").position(1)).await?;
    let uow = db.unit_of_work();
    let mut read = uow.repository::<Step>().get(step.id).await?;
    steps.filter(|s| s.id.eq(step.id)).update(|s| s.name.set("of others")).await?;
    let new = NewStep::new(pipeline.id, "new").position(1);
    let (found, is_new) = uow.repository::<Step>().get_or_insert_by_pipeline_id_and_position(new).await?;
    assert_eq!((&found, is_new), (&read, false));
    read.position = 5;
    uow.save(&read)?;
    uow.commit().await?;
    let stored = steps.get(step.id).await?;
    assert_eq!((stored.name.as_str(), stored.position), ("of others", 5), "the name was not written back");
    Ok(())
}

/// Of many that want the same row one inserts it, and all get it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_many_inserts() -> Result {
    let (server, _proxy, _) = counted().await?;
    let db = Database::builder().url(server.url()).pool_size(8).connect().await?;
    for round in 0..20 {
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    db.repository::<Tag>().get_or_insert_by_name(NewTag::new(format!("tag {round}"))).await
                })
            })
            .collect();
        let (mut ids, mut new) = (Vec::new(), 0);
        for task in tasks {
            let (tag, is_new) = task.await??;
            ids.push(tag.id);
            new += u32::from(is_new);
        }
        ids.dedup();
        assert_eq!((ids.len(), new), (1, 1));
    }
    Ok(())
}

#[tokio::test]
async fn in_a_unit_of_work() -> Result {
    let (_server, _proxy, db) = counted().await?;
    let uow = db.unit_of_work();
    let pipelines = uow.repository::<Pipeline>();
    let (mut pipeline, is_new) = pipelines.get_or_insert_by_name(nightly()).await?;
    assert!(is_new);
    pipeline.is_active = false;
    uow.save(&pipeline)?;
    let changed = pipelines.upsert_by_name(nightly()).set(|old, _| old.version.set(old.version + 1)).await?;
    assert!(!changed.is_active, "what waited was written before");
    let (again, is_new) = pipelines.get_or_insert_by_name(nightly()).await?;
    assert_eq!((again.version, is_new), (changed.version, false));
    uow.commit().await?;
    assert_eq!(db.repository::<Pipeline>().query().count().await?, 1);
    Ok(())
}

/// A pipeline is stopped, and all that follows, in one round trip.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_wait_for_the_flush() -> Result {
    let (_server, proxy, db) = counted().await?;
    let (pipelines, tags) = (db.repository::<Pipeline>(), db.repository::<Tag>());
    let steps = ["a", "b", "c"]
        .into_iter()
        .zip(1..)
        .map(|(name, position)| NewStep::new(Parent, name).position(position));
    pipelines.insert(nightly().steps(steps.collect::<Vec<_>>())).await?;
    tags.insert(NewTag::new("old")).await?;
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().filter(|p| p.name.eq("nightly")).one().await?;
    pipeline.is_active = false;
    pipeline.steps[0].name = "z".into();
    uow.save(&pipeline)?;
    uow.insert(NewTag::new("new"))?;
    let id = pipeline.id;
    // What is asked is asked of rows as the flush has written them, and in the order in which it was said.
    uow.update_where::<Step>(|s| s.pipeline_id.eq(id) & s.name.eq("z"), |s| s.name.set(s.name.concat("!")))?;
    uow.queue(tags.upsert_by_name(NewTag::new("new")).set(|old, _| old.name.set("newer")))?;
    uow.queue(uow.repository::<Tag>().filter(|t| t.name.in_(["old", "new"])).delete())?;
    uow.queue(tags.upsert_by_name(NewTag::new("last")))?;
    uow.queue(
        tags.upsert_by_name(NewTag::new("last"))
            .set(|old, _| old.name.set("x"))
            .only_if(|old, _| old.name.eq("y")),
    )?;
    let plan = uow.plan()?.to_string();
    let last: Vec<&str> =
        plan.lines().rev().take(5).map(|line| line.split(" (").next().unwrap_or(line)).collect();
    assert_eq!(
        last,
        ["upsert tags", "upsert tags", "delete tags", "upsert tags", "update pipeline_steps"],
        "{plan}"
    );
    assert_round_trips!(proxy, 1, uow.commit().await?);
    let names: Vec<String> = tags.order_by(|t| t.name.asc()).select(|t| t.name).all().await?;
    assert_eq!(names, ["last", "newer"]);
    let stored = pipelines.get(id).await?;
    assert_eq!((stored.steps[0].name.as_str(), stored.is_active), ("z!", false));

    // What cannot be sent is told at once, and nothing is kept of it.
    let uow = db.unit_of_work();
    let nothing = uow.update_where::<Step>(|s| s.name.eq("a"), |_| Vec::<persist::query::Assignment>::new());
    assert!(nothing.expect_err("nothing is set").is_invalid_query());
    let waiting = uow.queue(db.repository::<Step>().upsert(NewStep::new(Parent, "child")));
    assert!(waiting.expect_err("it has no parent").is_invalid_query());
    // Where one fails, none is done.
    uow.update_where::<Tag>(|t| t.name.eq("last"), |t| t.name.set("later"))?;
    uow.update_where::<Tag>(|t| t.name.ne("none"), |t| t.name.set("same"))?;
    assert!(uow.commit().await.expect_err("names are UNIQUE").is_unique_violation());
    assert_eq!(tags.filter(|t| t.name.eq("last")).count().await?, 1);
    Ok(())
}
