//! Several things that are asked of one row before one flush.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{NewPipeline, NewStep, NewTag, NewUser, Pipeline, Tag, User};

async fn connected() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    Ok((server, db))
}

fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn tag() -> Tag {
    Tag { id: Uuid::now_v7(), name: "a".into() }
}

fn new(tag: &Tag) -> NewTag {
    NewTag::new(&*tag.name).id(tag.id)
}

/// Nobody else has changed the row: it would be wrong to say so.
#[tokio::test]
async fn a_row_is_inserted_and_deleted() -> Result {
    type Tell = fn(&UnitOfWork<'_>, &Tag) -> std::result::Result<(), persist::Error>;
    let ways: [Tell; 2] = [|uow, tag| uow.insert(new(tag)).map(drop), |uow, tag| uow.upsert(new(tag))];
    let (_server, db) = connected().await?;
    for make in ways {
        let (uow, tag) = (db.unit_of_work(), tag());
        make(&uow, &tag)?;
        uow.delete(&tag)?;
        let error = uow.commit().await.expect_err("a row that is not there yet");
        assert!(!error.is_stale() && error.to_string().contains("flush in between"), "{error:?}");

        let uow = db.unit_of_work();
        make(&uow, &tag)?;
        uow.flush().await?;
        uow.delete(&tag)?;
        uow.commit().await?;
        assert_eq!(db.repository::<Tag>().find(tag.id).await?, None);

        // The other way round the row is made anew.
        db.repository::<Tag>().insert(new(&tag)).await?;
        let uow = db.unit_of_work();
        uow.delete(&tag)?;
        let renamed = Tag { name: "b".into(), ..tag };
        make(&uow, &renamed)?;
        uow.commit().await?;
        assert_eq!(db.repository::<Tag>().get(renamed.id).await?, renamed);
        db.repository::<Tag>().delete(renamed.id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_row_is_saved_and_deleted_by_a_condition() -> Result {
    let (server, db) = connected().await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("a")).await?;
    let uow = db.unit_of_work();
    let mut read = uow.repository::<Tag>().get(tag.id).await?;
    read.name = "b".into();
    uow.save(&read)?;
    uow.delete_where::<Tag>(|tag| tag.name.eq("a"));
    let error = uow.commit().await.expect_err("there is nothing left to change");
    assert!(!error.is_stale() && error.to_string().contains("`delete_where`"), "{error:?}");
    assert_eq!(db.repository::<Tag>().get(tag.id).await?, tag);

    // What another session has deleted is another error.
    let uow = db.unit_of_work();
    let mut read = uow.repository::<Tag>().get(tag.id).await?;
    read.name = "b".into();
    uow.save(&read)?;
    uow.delete_where::<Tag>(|tag| tag.name.eq("a"));
    server.client().await.execute("DELETE FROM tags", &[]).await?;
    let error = uow.commit().await.expect_err("another transaction was faster");
    assert_eq!((error.is_stale(), error.stale_key::<Tag>()), (true, Some(tag.id)));
    Ok(())
}

/// Rows with a version may be changed before anything else, but a condition is asked of what was there.
#[tokio::test]
async fn a_row_with_a_version_is_saved_and_deleted_by_a_condition() -> Result {
    let (_server, db) = connected().await?;
    let user = db.repository::<User>().insert(NewUser::new("1@example.org", "Ada")).await?;
    let changed = [
        User { email: "2@example.org".into(), ..user.clone() },
        User { display_name: "Bea".into(), ..user.clone() },
    ];
    for changed in &changed {
        let uow = db.unit_of_work();
        uow.repository::<User>().get(user.id).await?;
        uow.save(changed)?;
        uow.delete_where::<User>(|user| user.display_name.eq("Ada"));
        let error = uow.commit().await.expect_err("there is nothing left to change");
        assert!(!error.is_stale() && error.to_string().contains("`delete_where`"), "{error:?}");
        assert_eq!(db.repository::<User>().get(user.id).await?, user);
    }
    let uow = db.unit_of_work();
    uow.save(&changed[1])?;
    uow.delete_where::<User>(|user| user.display_name.eq("Bea"));
    uow.commit().await?;
    assert_eq!(db.repository::<User>().get(user.id).await?.display_name, "Bea");
    Ok(())
}

/// Of each pair one would be lost, whichever was asked last.
#[tokio::test]
async fn two_things_are_asked_of_one_row() -> Result {
    let (_server, db) = connected().await?;
    type Tell = fn(&UnitOfWork<'_>, &Tag) -> std::result::Result<(), persist::Error>;
    let insert: Tell = |uow, tag| uow.insert(new(tag)).map(drop);
    let upsert: Tell = |uow, tag| uow.upsert(new(tag));
    let save: Tell = |uow, tag| uow.save(&Tag { name: "saved".into(), ..tag.clone() });
    let delete: Tell = |uow, tag| uow.delete(tag);
    let pairs =
        [[save, upsert], [upsert, save], [save, insert], [upsert, insert], [insert, upsert], [delete, save]];
    let tag = db.repository::<Tag>().insert(NewTag::new("there")).await?;
    for asked in pairs {
        let uow = db.unit_of_work();
        let tag = uow.repository::<Tag>().get(tag.id).await?;
        asked.into_iter().try_for_each(|ask| ask(&uow, &tag))?;
        let error = uow.commit().await.expect_err("one of them would be lost");
        assert!(error.to_string().contains("flush in between"), "{error:?}");
    }
    assert_eq!(db.repository::<Tag>().get(tag.id).await?, tag);

    // The same of a row that is not there yet.
    for ask in [insert, upsert] {
        let (uow, tag) = (db.unit_of_work(), self::tag());
        ask(&uow, &tag)?;
        save(&uow, &tag)?;
        let error = uow.commit().await.expect_err("one of them would be lost");
        assert!(error.to_string().contains("flush in between"), "{error:?}");
    }

    let uow = db.unit_of_work();
    delete(&uow, &tag)?;
    uow.flush().await?;
    insert(&uow, &tag)?;
    uow.flush().await?;
    save(&uow, &tag)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Tag>().get(tag.id).await?.name, "saved");
    Ok(())
}

/// Whose values were to count could not be known.
#[tokio::test]
async fn a_row_is_held_twice() -> Result {
    let (_server, db) = connected().await?;
    let steps = |names: [&str; 2]| {
        (1..).zip(names).map(|(at, name)| NewStep::new(Parent, name).position(at)).collect::<Vec<_>>()
    };
    let pipelines = db.repository::<Pipeline>();
    let first = pipelines.insert(NewPipeline::new("first", nothing()).steps(steps(["a", "b"]))).await?;
    let second = pipelines.insert(NewPipeline::new("second", nothing()).steps(steps(["c", "d"]))).await?;

    let uow = db.unit_of_work();
    let mut here = uow.repository::<Pipeline>().get(first.id).await?;
    here.steps[0].id = here.steps[1].id;
    uow.save(&here)?;
    let error = uow.plan().expect_err("two steps with one key");
    assert!(error.to_string().contains("a row of `pipeline_steps` twice"), "{error}");

    let uow = db.unit_of_work();
    let here = uow.repository::<Pipeline>().get(first.id).await?;
    let mut there = uow.repository::<Pipeline>().get(second.id).await?;
    there.steps.push(here.steps[0].clone());
    uow.save(&there)?;
    uow.save(&here)?;
    let error = uow.plan().expect_err("a step of two pipelines");
    assert!(error.to_string().contains("a row of `pipeline_steps` twice"), "{error}");
    Ok(())
}

/// A row that others leave is deleted last, and what was written anew would go with it.
#[tokio::test]
async fn a_row_that_others_leave_is_written_anew() -> Result {
    let (_server, db) = connected().await?;
    let pipelines = db.repository::<Pipeline>();
    let steps = [NewStep::new(Parent, "a").position(1)];
    let first = pipelines.insert(NewPipeline::new("first", nothing()).steps(steps)).await?;
    let second = pipelines.insert(NewPipeline::new("second", nothing())).await?;
    let uow = db.unit_of_work();
    let mut first = uow.repository::<Pipeline>().get(first.id).await?;
    let mut second = uow.repository::<Pipeline>().get(second.id).await?;
    second.steps.extend(first.steps.pop());
    uow.save(&second)?;
    uow.delete(&first)?;
    uow.upsert(NewPipeline::new("first", nothing()).id(first.id))?;
    let error = uow.plan().expect_err("it would be deleted again");
    assert!(error.to_string().contains("deleted and written anew"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_read_only_unit_of_work_is_asked_to_write() -> Result {
    let (_server, db) = connected().await?;
    let uow = db.unit_of_work_builder().read_only().build();
    uow.insert(NewTag::new("a"))?;
    let error = uow.commit().await.expect_err("nothing can be written");
    assert!(error.to_string().contains("read only"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_row_that_never_was_is_saved() -> Result {
    let (_server, db) = connected().await?;
    let uow = db.unit_of_work();
    let never = tag();
    uow.save(&never)?;
    let error = uow.commit().await.expect_err("there is no such row");
    assert!(error.is_stale() && error.to_string().contains("does not exist"), "{error:?}");
    assert!(error.to_string().contains("`stale_key`"), "{error:?}");
    assert_eq!(error.stale_key::<Tag>(), Some(never.id));
    Ok(())
}
