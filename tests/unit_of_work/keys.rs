//! What stands for a key, and what becomes of rows and links that have the same one.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::Result;
use crate::several_structs::stored;
use crate::shapes::{Comment, NewComment, NewPipeline, NewStep, NewTag, Pipeline, Tag};

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
        assert_eq!(db.repository::<Pipeline>().get(id).await?.tags, std::slice::from_ref(&tag));
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

/// Deleted, and there again: it is another row with the same key.
#[tokio::test]
async fn a_key_that_is_used_again() -> Result {
    let (_server, db, _) = stored().await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("tag")).await?;
    let uow = db.unit_of_work();
    uow.delete(&tag)?;
    uow.insert(NewTag::new("another").id(tag.id))?;
    uow.commit().await?;
    assert_eq!(db.repository::<Tag>().all().await?, [Tag { name: "another".into(), ..tag }]);
    Ok(())
}
