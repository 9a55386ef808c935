//! Rows that are reached in ways which are easily forgotten.

use std::collections::BTreeMap;

use persist::Sql;
use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{
    Category, Comment, Heading, NewCategory, NewComment, NewHeading, NewPipeline, NewStep, NewTag, NewUser,
    Pipeline, PluginType, Step, Tag, User,
};

/// Comments outlive their author: the foreign key may be NULL.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
struct Author {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
    #[persist(has_many(table = "comments", foreign_key = "author_id"), order_by = "id")]
    comments: Vec<Comment>,
}

/// Its comments do not say whose they are.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
struct Critic {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
    #[persist(has_many(table = "comments", foreign_key = "author_id"), order_by = "id")]
    remarks: Vec<Remark>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "comments")]
struct Remark {
    #[persist(id)]
    id: i64,
    pipeline_id: Uuid,
    body: String,
}

/// What is said of a pipeline, with answers to any depth; the database makes the keys.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Board {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(
        has_many(table = "comments", foreign_key = "pipeline_id"),
        filter = "reply_to IS NULL",
        order_by = "id"
    )]
    threads: Vec<Thread>,
}

#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "comments")]
struct Thread {
    #[persist(id)]
    id: i64,
    pipeline_id: Uuid,
    reply_to: Option<i64>,
    body: String,
    #[persist(has_many(table = "comments", foreign_key = "reply_to"), order_by = "body")]
    replies: Vec<Thread>,
}

/// A pipeline without its version.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Label {
    #[persist(id)]
    id: Uuid,
    description: Option<String>,
    environment_variables: Json<BTreeMap<String, String>>,
    name: String,
}

/// Steps do without their plugin, but not without their pipeline.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "plugins")]
struct UsedPlugin {
    #[persist(id)]
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
    #[persist(has_many(table = "pipeline_steps", foreign_key = "plugin_id"), order_by = "position")]
    steps: Vec<Step>,
}

fn nothing() -> BTreeMap<String, String> {
    BTreeMap::new()
}

async fn connected() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    Ok((server, db))
}

#[tokio::test]
async fn rows_outlive_what_they_may_do_without() -> Result {
    for is_read_in_the_unit in [true, false] {
        let (_server, db) = connected().await?;
        let author = db.repository::<User>().insert(NewUser::new("a@example.org", "Ada")).await?.id;
        let pipeline = db.repository::<Heading>().insert(NewHeading::new("p", nothing())).await?.id;
        let comment = NewComment::new(pipeline, "first").author_id(author);
        let comment = db.repository::<Comment>().insert(comment).await?;
        let uow = db.unit_of_work();
        let author = match is_read_in_the_unit {
            true => uow.repository::<Author>().get(author).await?,
            false => db.repository::<Author>().get(author).await?,
        };
        assert_eq!(author.comments.len(), 1);
        uow.delete(&author)?;
        uow.commit().await?;
        let left = db.repository::<Comment>().get(comment.id).await?;
        assert_eq!(left, Comment { author_id: None, ..comment });
        assert!(db.repository::<Author>().find(author.id).await?.is_none());
    }
    Ok(())
}

#[tokio::test]
async fn a_row_moves_out_of_a_branch_that_is_deleted() -> Result {
    let (_server, db) = connected().await?;
    let leaf = NewCategory::new("leaf");
    let branch = NewCategory::new("branch").children([NewCategory::new("twig").children([leaf])]);
    let root = db.repository::<Category>().insert(NewCategory::new("root").children([branch])).await?;
    let uow = db.unit_of_work();
    let mut root = uow.repository::<Category>().get(root.id).await?;
    let mut branch = root.children.remove(0);
    let leaf = branch.children[0].children.remove(0);
    root.children.push(leaf.clone());
    uow.save(&root)?;
    // The twig goes with the branch, by ON DELETE CASCADE, and the leaf would go with the twig.
    uow.delete(&branch)?;
    uow.commit().await?;
    let root = db.repository::<Category>().get(root.id).await?;
    assert_eq!(root.children, [Category { parent_id: Some(root.id), ..leaf }]);
    assert_eq!(db.repository::<Category>().query().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn both_structs_count_a_row_that_moves() -> Result {
    let (_server, db) = connected().await?;
    let pipelines = db.repository::<Pipeline>();
    let steps = [NewStep::new(Parent, "one").position(1)];
    let from = pipelines.insert(NewPipeline::new("from", nothing()).steps(steps)).await?.id;
    let to = pipelines.insert(NewPipeline::new("to", nothing())).await?.id;
    let uow = db.unit_of_work();
    let mut from = uow.repository::<Pipeline>().get(from).await?;
    let mut to = uow.repository::<Pipeline>().get(to).await?;
    to.steps.append(&mut from.steps);
    uow.save(&from)?;
    uow.save(&to)?;
    uow.commit().await?;
    let (left, got) = (pipelines.get(from.id).await?, pipelines.get(to.id).await?);
    assert_eq!((left.steps.len(), got.steps.len()), (0, 1));
    assert_eq!((left.version, got.version), (from.version + 1, to.version + 1));
    Ok(())
}

#[tokio::test]
async fn a_struct_without_the_version_does_not_hide_it() -> Result {
    let (server, db) = connected().await?;
    let id = db.repository::<Heading>().insert(NewHeading::new("p", nothing())).await?.id;
    let uow = db.unit_of_work();
    let mut label = uow.repository::<Label>().get(id).await?;
    let mut heading = uow.repository::<Heading>().get(id).await?;
    label.description = Some("by the label".into());
    heading.name = "by the heading".into();
    uow.save(&label)?;
    uow.save(&heading)?;
    uow.flush().await?;
    heading.name = "once more".into();
    uow.save(&heading)?;
    uow.commit().await?;
    let stored = db.repository::<Heading>().get(id).await?;
    assert_eq!(stored.version, heading.version + 2);
    assert_eq!((&*stored.name, stored.description.as_deref()), ("once more", Some("by the label")));

    let uow = db.unit_of_work();
    let label = uow.repository::<Label>().get(id).await?;
    let heading = uow.repository::<Heading>().get(id).await?;
    server.client().await.execute("UPDATE pipelines SET version = version + 1", &[]).await?;
    uow.save(&Label { name: "late".into(), ..label })?;
    uow.save(&Heading { description: None, ..heading })?;
    let error = uow.commit().await.expect_err("another transaction was faster");
    assert!(error.is_stale(), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn a_name_is_taken_over_by_a_row_that_was_read_elsewhere() -> Result {
    let (_server, db) = connected().await?;
    let headings = db.repository::<Heading>();
    let old = headings.insert(NewHeading::new("nightly", nothing())).await?;
    let new = headings.insert(NewHeading::new("nightly (new)", nothing())).await?;
    let uow = db.unit_of_work();
    uow.save(&Heading { name: "nightly".into(), ..new.clone() })?;
    uow.delete(&old)?;
    uow.commit().await?;
    let left = headings.query().all().await?;
    assert_eq!(left.iter().map(|left| (left.id, &*left.name)).collect::<Vec<_>>(), [(new.id, "nightly")]);
    Ok(())
}

#[tokio::test]
async fn an_upsert_takes_nothing_along() -> Result {
    let (_server, db) = connected().await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("t")).await?.id;
    let uow = db.unit_of_work();
    let error = uow.upsert(NewPipeline::new("p", nothing()).tags([tag])).expect_err("a link would be lost");
    assert!(error.to_string().contains("links"), "{error}");
    uow.upsert(NewPipeline::new("q", nothing()))?;
    uow.commit().await?;
    let names = db.repository::<Heading>().query().all().await?;
    assert_eq!(names.iter().map(|heading| &*heading.name).collect::<Vec<_>>(), ["q"]);
    Ok(())
}

#[tokio::test]
async fn a_locked_row_is_read_as_it_is() -> Result {
    let (server, db) = connected().await?;
    let id = db.repository::<Label>().insert(NewLabel::new(nothing(), "counter").description("1")).await?.id;
    let uow = db.unit_of_work();
    uow.repository::<Label>().get(id).await?;
    server.client().await.execute("UPDATE pipelines SET description = '10'", &[]).await?;
    let labels = uow.repository::<Label>();
    assert_eq!(labels.get(id).await?.description.as_deref(), Some("1"));
    let mut locked = labels.filter(|label| label.id.eq(id)).for_update().one().await?;
    assert_eq!(locked.description.as_deref(), Some("10"));
    locked.description = Some("11".into());
    uow.save(&locked)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Label>().get(id).await?.description.as_deref(), Some("11"));
    Ok(())
}

#[tokio::test]
async fn what_others_own_is_not_written_by_an_old_copy() -> Result {
    let (server, db) = connected().await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("old")).await?.id;
    let pipeline = db.repository::<Pipeline>().insert(NewPipeline::new("p", nothing()).tags([tag])).await?;
    server.client().await.execute("UPDATE tags SET name = 'new'", &[]).await?;
    let uow = db.unit_of_work();
    uow.save(&Pipeline { description: Some("changed".into()), ..pipeline.clone() })?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(pipeline.id).await?;
    assert_eq!((stored.description.as_deref(), &*stored.tags[0].name), (Some("changed"), "new"));
    Ok(())
}

#[tokio::test]
async fn what_was_deleted_stays_deleted() -> Result {
    let (_server, db) = connected().await?;
    let new = NewPipeline::new("p", nothing()).steps([NewStep::new(Parent, "one").position(1)]);
    let id = db.repository::<Pipeline>().insert(new).await?.id;
    let uow = db.unit_of_work();
    let pipeline = uow.repository::<Pipeline>().get(id).await?;
    uow.delete(&pipeline.steps[0])?;
    uow.flush().await?;
    uow.save(&pipeline)?;
    let error = uow.commit().await.expect_err("the old copy would bring the step back");
    assert!(error.to_string().contains("deleted"), "{error}");
    assert_eq!(db.repository::<Pipeline>().get(id).await?.steps.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_handle_stands_for_rows_of_its_own_table() -> Result {
    let (_server, db) = connected().await?;
    let uow = db.unit_of_work();
    let tag = uow.insert(NewTag::new("t"))?;
    let error =
        uow.insert(NewPipeline::new("p", nothing()).owner_id(tag)).expect_err("a tag owns no pipeline");
    assert!(error.to_string().contains("does not refer to `tags`"), "{error}");
    uow.commit().await?;
    Ok(())
}

#[tokio::test]
async fn rows_without_a_field_for_the_one_that_they_belong_to() -> Result {
    const REMARKS: i32 = 2_000;
    let (server, db) = connected().await?;
    let ada = db.repository::<User>().insert(NewUser::new("a@example.org", "Ada")).await?.id;
    let bea = db.repository::<User>().insert(NewUser::new("b@example.org", "Bea")).await?.id;
    let pipeline = db.repository::<Heading>().insert(NewHeading::new("p", nothing())).await?.id;
    let insert = "INSERT INTO comments (pipeline_id, author_id, body) SELECT $1, $2, n::text FROM generate_series(1, $3) AS n";
    server.client().await.execute(insert, &[&pipeline, &ada, &REMARKS]).await?;

    let uow = db.unit_of_work();
    let mut ada = uow.repository::<Critic>().get(ada).await?;
    let mut bea = uow.repository::<Critic>().get(bea).await?;
    ada.remarks.iter_mut().for_each(|remark| remark.body.push('!'));
    uow.save(&ada)?;
    assert_eq!(uow.plan()?.statements().len(), 1);
    uow.flush().await?;
    // What says nothing of its owner cannot be moved.
    bea.remarks.extend(ada.remarks.pop());
    uow.save(&bea)?;
    assert!(uow.plan().unwrap_err().to_string().contains("no field for `author_id`"));
    uow.rollback().await?;
    Ok(())
}

/// A struct that was read elsewhere does not show what was added since: saved, it takes nothing out; it replaces
/// what is stored where that is asked for.
#[tokio::test]
async fn what_was_not_seen_stays() -> Result {
    let (_server, db) = connected().await?;
    let pipelines = db.repository::<Pipeline>();
    let tags = [db.repository::<Tag>().insert(NewTag::new("old")).await?.id];
    let steps = (1..=2).map(|position| NewStep::new(Parent, "old").position(position));
    let mut old = pipelines.insert(NewPipeline::new("pipeline", nothing()).steps(steps).tags(tags)).await?;
    let id = old.id;
    db.repository::<Step>().insert(NewStep::new(id, "by another").position(3)).await?;
    let tag = db.repository::<Tag>().insert(NewTag::new("by another")).await?;
    Sql::unchecked("INSERT INTO pipeline_tags (pipeline_id, tag_id) VALUES ($1, $2)")
        .bind(id)
        .bind(tag.id)
        .execute(&db)
        .await?;
    old.steps.remove(0);
    old.steps[0].name = "changed".into();
    old.description = Some("changed".into());
    let uow = db.unit_of_work();
    uow.save(&old)?;
    uow.flush().await?;
    // What it has not shown is not taken out by saving it again either.
    uow.save(&Pipeline { version: old.version + 1, ..old.clone() })?;
    uow.commit().await?;
    let stored = pipelines.get(id).await?;
    let names: Vec<&str> = stored.steps.iter().map(|step| &*step.name).collect();
    assert_eq!((names, stored.tags.len()), (vec!["old", "changed", "by another"], 2));
    assert_eq!(stored.description, old.description);

    let uow = db.unit_of_work();
    uow.replace(&Pipeline { version: stored.version, ..old.clone() })?;
    uow.commit().await?;
    let stored = pipelines.get(id).await?;
    assert_eq!((stored.steps, stored.tags), (old.steps, old.tags));
    Ok(())
}

/// A row that is taken out of a relation is held by another one, by another of its keys.
#[tokio::test]
async fn each_key_of_a_row_is_looked_at_by_itself() -> Result {
    let (_server, db) = connected().await?;
    let uow = db.unit_of_work();
    let plugin = uow.insert(NewUsedPlugin::new("used", "1", PluginType::Sink))?;
    let pipeline = uow.insert(NewPipeline::new("pipeline", nothing()))?;
    for position in 1..=2 {
        uow.insert(NewStep::new(pipeline, "both").position(position).plugin_id(plugin))?;
    }
    let committed = uow.commit().await?;
    let (plugin, pipeline) = committed.key(plugin).zip(committed.key(pipeline)).ok_or("inserted")?;
    for is_first in [false, true] {
        // The key may be NULL.
        let uow = db.unit_of_work();
        let mut used = uow.repository::<UsedPlugin>().get(plugin).await?;
        let whole = uow.repository::<Pipeline>().get(pipeline).await?;
        let released = used.steps.remove(0);
        if is_first {
            uow.save(&whole)?;
        }
        uow.save(&used)?;
        uow.save(&whole)?;
        uow.commit().await?;
        let stored = db.repository::<Step>().get(released.id).await?;
        assert_eq!((stored.plugin_id, stored.pipeline_id), (None, pipeline));
        db.repository::<Step>().update(&Step { plugin_id: Some(plugin), ..stored }).await?;
    }
    // The key is NOT NULL.
    let uow = db.unit_of_work();
    let used = uow.repository::<UsedPlugin>().get(plugin).await?;
    let mut whole = uow.repository::<Pipeline>().get(pipeline).await?;
    whole.steps.remove(0);
    uow.save(&used)?;
    uow.save(&whole)?;
    uow.commit().await?;
    assert_eq!(db.repository::<UsedPlugin>().get(plugin).await?.steps, whole.steps);
    Ok(())
}

/// What is changed of a row that goes with another one by ON DELETE CASCADE is not missed.
#[tokio::test]
async fn a_row_is_changed_and_goes_with_another() -> Result {
    let (_server, db) = connected().await?;
    for (is_first, is_taken_out) in [(true, true), (false, true), (true, false), (false, false)] {
        let uow = db.unit_of_work();
        let plugin = uow.insert(NewUsedPlugin::new("used", "1", PluginType::Sink))?;
        let pipeline = uow.insert(NewPipeline::new("gone", nothing()))?;
        uow.insert(NewStep::new(pipeline, "both").position(1).plugin_id(plugin))?;
        let committed = uow.commit().await?;
        let (plugin, pipeline) = committed.key(plugin).zip(committed.key(pipeline)).ok_or("inserted")?;
        let uow = db.unit_of_work();
        let mut used = uow.repository::<UsedPlugin>().get(plugin).await?;
        let gone = uow.repository::<Pipeline>().get(pipeline).await?;
        if is_taken_out {
            used.steps.clear();
        } else {
            used.steps[0].name = "changed".into();
        }
        if is_first {
            uow.save(&used)?;
        }
        uow.delete(&gone)?;
        if !is_first {
            uow.save(&used)?;
        }
        uow.commit().await?;
        assert_eq!(db.repository::<Pipeline>().find(pipeline).await?, None);
        let used = db.repository::<UsedPlugin>().get(plugin).await?;
        assert!(used.steps.is_empty());
        db.repository::<UsedPlugin>().delete(plugin).await?;
    }
    Ok(())
}

/// A row that was read elsewhere takes the value of a UNIQUE key that another row gives up.
#[tokio::test]
async fn a_unique_value_goes_to_a_row_that_was_read_elsewhere() -> Result {
    let (_server, db) = connected().await?;
    let headings = db.repository::<Heading>();
    let first = headings.insert(NewHeading::new("first", nothing())).await?;
    let second = headings.insert(NewHeading::new("second", nothing())).await?;
    let uow = db.unit_of_work();
    let mut changed = uow.repository::<Heading>().get(second.id).await?;
    changed.name = "third".into();
    uow.save(&changed)?;
    uow.save(&Heading { name: "second".into(), ..first.clone() })?;
    uow.commit().await?;
    assert_eq!(headings.get(first.id).await?.name, "second");
    assert_eq!(headings.get(second.id).await?.name, "third");
    Ok(())
}

/// Rows that were read elsewhere exchange their values of a UNIQUE key.
#[tokio::test]
async fn unique_values_of_rows_that_were_read_elsewhere() -> Result {
    let (_server, db) = connected().await?;
    let headings = db.repository::<Heading>();
    let mut first = headings.insert(NewHeading::new("first", nothing())).await?;
    let mut second = headings.insert(NewHeading::new("second", nothing())).await?;
    std::mem::swap(&mut first.name, &mut second.name);
    let uow = db.unit_of_work();
    uow.save(&first)?;
    uow.save(&second)?;
    assert_eq!(uow.plan()?.reads(), ["pipelines"]);
    uow.commit().await?;
    assert_eq!(headings.get(first.id).await?.name, "second");

    let second = headings.get(second.id).await?;
    let uow = db.unit_of_work();
    uow.save(&Heading { name: "third".into(), ..second.clone() })?;
    uow.insert(NewHeading::new("first", nothing()))?;
    uow.commit().await?;
    assert_eq!(headings.get(second.id).await?.name, "third");

    // It takes over from a row that is deleted what a new one takes over from it.
    let uow = db.unit_of_work();
    let last = uow.repository::<Heading>().find_by_name("first").await?.ok_or("inserted")?;
    uow.delete(&last)?;
    uow.save(&Heading { name: "first".into(), ..headings.get(second.id).await? })?;
    uow.insert(NewHeading::new("third", nothing()))?;
    uow.commit().await?;
    assert_eq!(headings.get(second.id).await?.name, "first");

    // Three in a ring, two of which were read here.
    for is_last in [false, true] {
        let uow = db.unit_of_work();
        let here = uow.repository::<Heading>().order_by(|h| h.name.asc()).limit(2).all().await?;
        let elsewhere = headings.find_by_name("third").await?.ok_or("inserted")?;
        let names: Vec<String> = here.iter().chain([&elsewhere]).map(|row| row.name.clone()).collect();
        let mut ring: Vec<Heading> = here.into_iter().chain([elsewhere]).collect();
        ring.iter_mut().zip(names.iter().cycle().skip(1)).for_each(|(row, name)| row.name = name.clone());
        if is_last {
            ring.reverse();
        }
        ring.iter().try_for_each(|row| uow.save(row))?;
        uow.commit().await?;
        for row in ring {
            assert_eq!(headings.get(row.id).await?.name, row.name);
        }
    }

    // By itself it is written as it is.
    let uow = db.unit_of_work();
    uow.save(&Heading { name: "fourth".into(), ..headings.get(second.id).await? })?;
    assert!(uow.plan()?.reads().is_empty());
    uow.commit().await?;
    Ok(())
}

/// A row that is moved is not copied because it was not read.
#[tokio::test]
async fn a_row_that_was_not_read_moves() -> Result {
    let (_server, db) = connected().await?;
    let author = db.repository::<User>().insert(NewUser::new("a@example.org", "Ada")).await?.id;
    let pipeline = db.repository::<Heading>().insert(NewHeading::new("p", nothing())).await?.id;
    let comment = db.repository::<Comment>().insert(NewComment::new(pipeline, "first")).await?;
    let uow = db.unit_of_work();
    let mut author = uow.repository::<Author>().get(author).await?;
    author.comments.push(comment.clone());
    uow.save(&author)?;
    let error = uow.commit().await.expect_err("it would be inserted once more");
    assert!(error.to_string().contains("has not read"), "{error}");

    let uow = db.unit_of_work();
    let comment = uow.repository::<Comment>().get(comment.id).await?;
    let mut author = uow.repository::<Author>().get(author.id).await?;
    author.comments.extend([comment.clone(), Comment { id: 0, body: "new".into(), ..comment.clone() }]);
    uow.save(&author)?;
    uow.commit().await?;
    let bodies: Vec<String> = db
        .repository::<Author>()
        .get(author.id)
        .await?
        .comments
        .into_iter()
        .map(|comment| comment.body)
        .collect();
    assert_eq!(bodies, ["first", "new"]);
    Ok(())
}

/// New rows below new rows, all of which have no key yet.
#[tokio::test]
async fn answers_to_answers() -> Result {
    let (_server, db) = connected().await?;
    let pipeline_id = db.repository::<Heading>().insert(NewHeading::new("p", nothing())).await?.id;
    let thread = |body: &str, replies: Vec<Thread>| Thread {
        id: 0,
        pipeline_id,
        reply_to: None,
        body: body.into(),
        replies,
    };
    let uow = db.unit_of_work();
    let mut board = uow.repository::<Board>().get(pipeline_id).await?;
    board.threads.push(thread("a", vec![thread("a1", vec![thread("a11", vec![])]), thread("a2", vec![])]));
    board.threads.push(thread("b", vec![thread("b1", vec![])]));
    uow.save(&board)?;
    uow.commit().await?;
    let bodies =
        |threads: &[Thread]| threads.iter().map(|thread| thread.body.clone()).collect::<Vec<String>>();
    let board = db.repository::<Board>().get(pipeline_id).await?;
    assert_eq!(bodies(&board.threads), ["a", "b"]);
    let [a, b] = &board.threads[..] else { unreachable!("there are two") };
    assert_eq!((bodies(&a.replies), bodies(&b.replies)), (vec!["a1".into(), "a2".into()], vec!["b1".into()]));
    assert_eq!(bodies(&a.replies[0].replies), ["a11"]);
    Ok(())
}

/// A row may stand in several structs that are saved, with what belongs to it.
#[tokio::test]
async fn a_branch_is_saved_beside_its_tree() -> Result {
    let (_server, db) = connected().await?;
    let categories = db.repository::<Category>();
    let leaf = NewCategory::new("leaf");
    let branch = NewCategory::new("branch").children([leaf]);
    let root = categories.insert(NewCategory::new("root").children([branch])).await?;
    let uow = db.unit_of_work();
    let tree = uow.repository::<Category>().get(root.id).await?;
    uow.save(&tree)?;
    uow.save(&tree.children[0])?;
    assert!(uow.plan()?.statements().is_empty());
    let mut branch = tree.children[0].clone();
    branch.children[0].name = "blossom".into();
    uow.save(&branch)?;
    uow.commit().await?;
    assert_eq!(categories.get(root.id).await?.children[0].children[0].name, "blossom");
    Ok(())
}

/// Without the values of the rows.
#[tokio::test]
async fn what_was_committed_can_be_shown() -> Result {
    let (_server, db) = connected().await?;
    let uow = db.unit_of_work();
    uow.insert(NewTag::new("s3cret"))?;
    let shown = format!("{:?}", uow.commit().await?);
    assert!(shown.contains("tags") && !shown.contains("s3cret"), "{shown}");
    Ok(())
}
