//! One row, reached in several ways within one unit of work: by another struct, by its repository, by conditions, by handles.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{
    Comment, Heading, NewComment, NewExecution, NewHeading, NewLog, NewPipeline, NewStep, NewTag, Pipeline,
    Step, Tag,
};

async fn stored() -> Result<(TestDatabase, Database, Uuid)> {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(2).connect().await?;
    let steps = (1..=3).map(|n| NewStep::new(Parent, format!("step {n}")).position(n));
    let uow = db.unit_of_work();
    let pipeline = uow.insert(NewPipeline::new("p", BTreeMap::new()).steps(steps))?;
    uow.insert(NewExecution::new(pipeline, 1).logs([NewLog::new(Parent, "line")]))?;
    let id = uow.key(pipeline).ok_or("made by the client")?;
    uow.commit().await?;
    Ok((server, db, id))
}

/// What is saved by one struct is read, and can be saved, by another over the same table.
#[tokio::test]
async fn two_structs_over_one_table() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let mut heading = uow.repository::<Heading>().get(id).await?;
    heading.description = Some("by the heading".into());
    uow.save(&heading)?;
    let again = uow.repository::<Pipeline>().get(id).await?;
    assert_eq!(again.description, heading.description);
    // Of what the caller holds only the difference to what it was is new.
    pipeline.steps[0].name = "by the pipeline".into();
    pipeline.description = again.description;
    uow.save(&pipeline)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(id).await?;
    assert_eq!(stored.description, heading.description);
    assert_eq!(stored.steps[0].name, "by the pipeline");
    Ok(())
}

/// Both in one flush, without a read in between.
#[tokio::test]
async fn two_structs_in_one_flush() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let mut heading = uow.repository::<Heading>().get(id).await?;
    heading.description = Some("by the heading".into());
    pipeline.is_active = false;
    pipeline.steps[1].enabled = false;
    uow.save(&heading)?;
    uow.save(&pipeline)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(id).await?;
    assert_eq!((stored.description, stored.is_active), (heading.description, false));
    assert!(!stored.steps[1].enabled);
    Ok(())
}

/// A repository of the unit of work writes at once; what was read before is not what it was.
#[tokio::test]
async fn beside_a_repository() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let headings = uow.repository::<Heading>();
    let read = headings.get(id).await?;
    let mut updated = headings.update(&Heading { description: Some("updated".into()), ..read }).await?;
    assert_eq!(headings.get(id).await?, updated);
    updated.name = "saved".into();
    uow.save(&updated)?;
    assert_eq!(headings.get(id).await?.name, "saved");
    headings.filter(|h| h.id.eq(id)).update(|h| h.description.set("by a query")).await?;
    let mut found = headings.get(id).await?;
    assert_eq!(found.description.as_deref(), Some("by a query"));
    found.description = None;
    uow.save(&found)?;
    uow.commit().await?;
    let stored = db.repository::<Heading>().get(id).await?;
    assert_eq!((stored.description, &*stored.name), (None, "saved"));
    Ok(())
}

/// What was inserted by a repository of the unit of work can be saved like what was read.
#[tokio::test]
async fn after_an_insert_of_a_repository() -> Result {
    let (_server, db, _) = stored().await?;
    let uow = db.unit_of_work();
    let steps = [NewStep::new(Parent, "one").position(1), NewStep::new(Parent, "two").position(2)];
    let new = NewPipeline::new("inserted", BTreeMap::new()).steps(steps);
    let mut pipeline = uow.repository::<Pipeline>().insert(new).await?;
    pipeline.steps.swap(0, 1);
    for (position, step) in (1..).zip(&mut pipeline.steps) {
        step.position = position;
    }
    pipeline.description = Some("changed".into());
    uow.save(&pipeline)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(pipeline.id).await?;
    let names: Vec<&str> = stored.steps.iter().map(|step| &*step.name).collect();
    assert_eq!((stored.description.as_deref(), &*names), (Some("changed"), &["two", "one"][..]));
    Ok(())
}

/// A step that comes to another parent need not be told so: where it is found is where it belongs.
#[tokio::test]
async fn a_child_says_another_parent_than_the_one_it_is_found_in() -> Result {
    let (_server, db, id) = stored().await?;
    let other = db.repository::<Pipeline>().insert(NewPipeline::new("other", BTreeMap::new())).await?.id;
    let uow = db.unit_of_work();
    let mut from = uow.repository::<Pipeline>().get(id).await?;
    let mut to = uow.repository::<Pipeline>().get(other).await?;
    let moved = from.steps.remove(1);
    to.steps.push(moved.clone());
    uow.save(&to)?;
    uow.save(&from)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(other).await?;
    assert_eq!(stored.steps, [Step { pipeline_id: other, ..moved }]);
    assert_eq!(db.repository::<Pipeline>().get(id).await?.steps.len(), 2);
    Ok(())
}

/// A handle stands for its row after the flush as well.
#[tokio::test]
async fn handles_after_a_flush() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let first = uow.insert(NewComment::new(id, "first"))?;
    assert_eq!(uow.key(first), None);
    uow.flush().await?;
    let key = uow.key(first).ok_or("the database has made it")?;
    let second = uow.insert(NewComment::new(id, "second").reply_to(first))?;
    let savepoint = uow.savepoint().await?;
    let third = uow.insert(NewComment::new(id, "third").reply_to(second))?;
    uow.flush().await?;
    savepoint.rollback().await?;
    let fourth = uow.insert(NewComment::new(id, "fourth").reply_to(second))?;
    uow.flush().await?;
    let second = uow.key(second).ok_or("the database has made it")?;
    assert_ne!(uow.key(third), uow.key(fourth));
    uow.commit().await?;
    let comments = db.repository::<Comment>().order_by(|c| c.id.asc()).all().await?;
    let found: Vec<(&str, Option<i64>)> =
        comments.iter().map(|comment| (&*comment.body, comment.reply_to)).collect();
    assert_eq!(found, [("first", None), ("second", Some(key)), ("fourth", Some(second))]);
    Ok(())
}

/// A handle of another unit of work is none here.
#[tokio::test]
async fn a_handle_of_another_unit_of_work() -> Result {
    let (_server, db, _) = stored().await?;
    let (one, other) = (db.unit_of_work(), db.unit_of_work());
    let pipeline = one.insert(NewPipeline::new("of one", BTreeMap::new()))?;
    let error = other.insert(NewStep::new(pipeline, "of the other")).err().ok_or("it is not there")?;
    assert!(error.to_string().contains("handle"), "{error}");
    one.commit().await?;
    other.commit().await?;
    Ok(())
}

/// An error inside of a savepoint that is taken back is none of the unit of work.
#[tokio::test]
async fn an_error_in_a_savepoint() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    uow.insert(NewTag::new("before"))?;
    let savepoint = uow.savepoint().await?;
    uow.insert(NewHeading::new("p", BTreeMap::new()))?;
    uow.insert(NewTag::new("within"))?;
    let error = uow.flush().await.err().ok_or("the name is taken")?;
    assert!(error.is_unique_violation(), "{error:?}");
    let error = uow.repository::<Heading>().get(id).await.err().ok_or("the transaction is aborted")?;
    assert!(!error.is_not_found(), "{error:?}");
    savepoint.rollback().await?;
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    pipeline.description = Some("after".into());
    uow.save(&pipeline)?;
    uow.insert(NewTag::new("after"))?;
    uow.commit().await?;
    let tags = db.repository::<Tag>().order_by(|t| t.name.asc()).all().await?;
    assert_eq!(tags.iter().map(|tag| &*tag.name).collect::<Vec<_>>(), ["after", "before"]);
    assert_eq!(db.repository::<Pipeline>().get(id).await?.description.as_deref(), Some("after"));
    Ok(())
}

/// Without a savepoint nothing of it can be committed any more.
#[tokio::test]
async fn an_error_is_not_forgotten() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    uow.insert(NewTag::new("before"))?;
    uow.flush().await?;
    uow.insert(NewHeading::new("p", BTreeMap::new()))?;
    assert!(uow.flush().await.is_err());
    uow.insert(NewTag::new("after"))?;
    let error = uow.commit().await.err().ok_or("a flush has failed")?;
    assert!(error.is_rolled_back(), "{error:?}");
    assert_eq!(db.repository::<Tag>().count().await?, 0);
    assert_eq!(db.repository::<Heading>().count().await?, 1);
    assert!(db.repository::<Heading>().find(id).await?.is_some());
    Ok(())
}

/// Of several with one key the last one counts; and it makes no difference whether the row is there.
#[tokio::test]
async fn upserts() -> Result {
    let (_server, db, _) = stored().await?;
    let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
    for round in 0..2 {
        let uow = db.unit_of_work();
        for name in ["a", "b", "c"] {
            uow.upsert(NewTag::new(format!("{name}{round}")).id(id))?;
        }
        uow.upsert(NewTag::new(format!("other{round}")).id(other))?;
        uow.commit().await?;
        let found = db.repository::<Tag>().find_many(&[id, other]).await?;
        let names: Vec<String> = found.into_iter().map(|tag| tag.name).collect();
        assert_eq!(names, [format!("c{round}"), format!("other{round}")]);
    }
    Ok(())
}

/// The same tag twice is one link.
#[tokio::test]
async fn links_that_are_repeated() -> Result {
    let (_server, db, id) = stored().await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("tag")).await?;
    let uow = db.unit_of_work();
    let new = uow.insert(NewPipeline::new("new", BTreeMap::new()).tags([tag.id, tag.id]))?;
    let new = uow.key(new).ok_or("made by the client")?;
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    pipeline.tags = vec![tag.clone(), tag.clone()];
    uow.save(&pipeline)?;
    uow.commit().await?;
    for id in [id, new] {
        assert_eq!(db.repository::<Pipeline>().get(id).await?.tags, [tag.clone()]);
    }
    // Somebody else has added the same link meanwhile: both have it.
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let late = db.repository::<Tag>().insert(NewTag::new("late")).await?;
    persist::Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)")
        .bind(id)
        .bind(late.id)
        .execute(&db)
        .await?;
    pipeline.tags.push(late.clone());
    uow.save(&pipeline)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Pipeline>().get(id).await?.tags, [late, tag]);
    Ok(())
}

/// Several calls of one unit of work at once: they wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_calls_at_once() -> Result {
    let (_server, db, id) = stored().await?;
    for _ in 0..20 {
        let uow = db.unit_of_work();
        let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
        pipeline.steps[0].enabled ^= true;
        uow.save(&pipeline)?;
        let (steps, pipelines) = (uow.repository::<Step>(), uow.repository::<Pipeline>());
        let ((), (), count, found) =
            tokio::try_join!(uow.flush(), uow.flush(), steps.count(), pipelines.get(id))?;
        assert_eq!((count, found.steps[0].enabled), (3, pipeline.steps[0].enabled));
        uow.commit().await?;
    }
    Ok(())
}

/// A tree of many levels, which is walked from its root.
#[tokio::test]
async fn a_deep_tree() -> Result {
    use crate::shapes::{Category, NewCategory};
    const LEVELS: usize = 300;
    let (_server, db, _) = stored().await?;
    let mut new = NewCategory::new("leaf");
    for level in 0..LEVELS {
        new = NewCategory::new(format!("level {level}")).children([new.parent_id(Parent)]);
    }
    let uow = db.unit_of_work();
    let root = uow.insert(new)?;
    let root = uow.key(root).ok_or("made by the client")?;
    uow.commit().await?;
    let uow = db.unit_of_work();
    let mut tree = uow.repository::<Category>().get(root).await?;
    let (mut node, mut depth) = (&mut tree, 0);
    while !node.children.is_empty() {
        (node, depth) = (&mut node.children[0], depth + 1);
    }
    node.name = "changed".into();
    assert_eq!(depth, LEVELS);
    uow.save(&tree)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Category>().filter(|c| c.name.eq("changed")).count().await?, 1);
    Ok(())
}

/// The place that a moved row leaves is taken in the same flush; in its new parent it has the same one.
#[tokio::test]
async fn a_place_that_is_taken_at_once() -> Result {
    let (_server, db, id) = stored().await?;
    let other = db.repository::<Pipeline>().insert(NewPipeline::new("other", BTreeMap::new())).await?.id;
    let uow = db.unit_of_work();
    let mut from = uow.repository::<Pipeline>().get(id).await?;
    let mut to = uow.repository::<Pipeline>().get(other).await?;
    let moved = from.steps.remove(1);
    to.steps.push(Step { pipeline_id: other, ..moved.clone() });
    uow.save(&from)?;
    uow.save(&to)?;
    uow.insert(NewStep::new(id, "in its place").position(moved.position))?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(other).await?;
    assert_eq!(stored.steps, [Step { pipeline_id: other, ..moved }]);
    let positions = db.repository::<Pipeline>().get(id).await?.steps;
    assert_eq!(positions.iter().map(|step| step.position).collect::<Vec<_>>(), [1, 2, 3]);
    Ok(())
}

/// The tag was read elsewhere: the unit of work knows of its link only.
#[tokio::test]
async fn a_link_that_is_taken_back() -> Result {
    let (_server, db, id) = stored().await?;
    let tags = db.repository::<Tag>();
    let (one, other) = (tags.insert(NewTag::new("one")).await?, tags.insert(NewTag::new("other")).await?);
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    pipeline.tags = vec![one, other.clone()];
    uow.save(&pipeline)?;
    uow.flush().await?;
    pipeline.tags.remove(0);
    uow.save(&pipeline)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Pipeline>().get(id).await?.tags, [other]);
    Ok(())
}
