//! One row, reached in several ways within one unit of work: by another struct, by its repository, after an
//! error.

use std::collections::BTreeMap;

use persist::Sql;
use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{
    Account, Comment, Heading, Label, NewAccount, NewComment, NewExecution, NewHeading, NewLog, NewPipeline,
    NewStep, NewTag, NewUser, Pipeline, Step, Tag, User,
};

pub(crate) async fn stored() -> Result<(TestDatabase, Database, Uuid)> {
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

/// UNIQUE values are those of the table, whichever structs the rows are in.
#[tokio::test]
async fn two_structs_exchange_unique_values() -> Result {
    let (_server, db, id) = stored().await?;
    let other = db.repository::<Heading>().insert(NewHeading::new("h", BTreeMap::new())).await?.id;
    for is_first in [true, false] {
        let uow = db.unit_of_work();
        let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
        let mut heading = uow.repository::<Heading>().get(other).await?;
        std::mem::swap(&mut pipeline.name, &mut heading.name);
        if is_first {
            uow.save(&heading)?;
        }
        uow.save(&pipeline)?;
        if !is_first {
            uow.save(&heading)?;
        }
        uow.commit().await?;
        assert_eq!(db.repository::<Pipeline>().get(id).await?.name, pipeline.name);
        assert_eq!(db.repository::<Heading>().get(other).await?.name, heading.name);
    }
    Ok(())
}

/// One gives a value up, and the other takes it; in either order, and also where the one that gives it up is
/// deleted.
#[tokio::test]
async fn one_struct_takes_what_another_gives_up() -> Result {
    let (_server, db, id) = stored().await?;
    let other = db.repository::<Heading>().insert(NewHeading::new("h", BTreeMap::new())).await?.id;
    let uow = db.unit_of_work();
    let mut heading = uow.repository::<Heading>().get(other).await?;
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    heading.name = std::mem::replace(&mut pipeline.name, "free".into());
    uow.save(&heading)?;
    uow.save(&pipeline)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Heading>().get(other).await?.name, "p");

    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let heading = uow.repository::<Heading>().get(other).await?;
    pipeline.name.clone_from(&heading.name);
    uow.save(&pipeline)?;
    uow.delete(&heading)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Pipeline>().get(id).await?.name, "p");

    let uow = db.unit_of_work();
    let heading = uow.repository::<Heading>().get(id).await?;
    uow.delete(&heading)?;
    uow.insert(NewPipeline::new("p", BTreeMap::new()))?;
    uow.commit().await?;
    assert_eq!(db.repository::<Heading>().count().await?, 1);
    Ok(())
}

/// One row in two structs is written once, in what either changed; what both changed must be the same.
#[tokio::test]
async fn one_row_in_two_structs() -> Result {
    let (_server, db, id) = stored().await?;
    let read = async |uow: &UnitOfWork<'static>| -> Result<(Pipeline, Heading)> {
        Ok((uow.repository::<Pipeline>().get(id).await?, uow.repository::<Heading>().get(id).await?))
    };
    let uow = db.unit_of_work();
    let (mut pipeline, mut heading) = read(&uow).await?;
    (pipeline.is_active, heading.description) = (false, Some("by the heading".into()));
    (pipeline.name, heading.name) = ("both".into(), "both".into());
    uow.save(&pipeline)?;
    uow.save(&heading)?;
    let plan = uow.plan()?.to_string();
    assert_eq!(plan.matches("update pipelines").count(), 1, "{plan}");
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(id).await?;
    assert_eq!(stored.version, pipeline.version + 1);
    assert_eq!((stored.is_active, stored.description, &*stored.name), (false, heading.description, "both"));

    let uow = db.unit_of_work();
    let (mut pipeline, mut heading) = read(&uow).await?;
    (pipeline.name, heading.name) = ("one".into(), "another".into());
    uow.save(&pipeline)?;
    uow.save(&heading)?;
    let error = uow.commit().await.err().ok_or("both cannot be done")?;
    assert!(error.to_string().contains("different values of `name`"), "{error}");
    assert_eq!(db.repository::<Heading>().get(id).await?.name, "both");
    Ok(())
}

/// One of two structs over a row was read elsewhere, or both were: no change of either is lost, and none is taken
/// for that of another transaction.
#[tokio::test]
async fn one_row_read_here_and_elsewhere() -> Result {
    let (_server, db, id) = stored().await?;
    for (is_here, is_heading_first) in [(true, false), (true, true), (false, false), (false, true)] {
        let elsewhere = db.unit_of_work();
        let uow = db.unit_of_work();
        let mut heading = db.repository::<Heading>().get(id).await?;
        let reader = if is_here { &uow } else { &elsewhere };
        let mut pipeline = reader.repository::<Pipeline>().get(id).await?;
        elsewhere.rollback().await?;
        heading.description = Some(format!("by the heading, {is_here} {is_heading_first}"));
        pipeline.is_active = !pipeline.is_active;
        if is_heading_first {
            uow.save(&heading)?;
            uow.save(&pipeline)?;
        } else {
            uow.save(&pipeline)?;
            uow.save(&heading)?;
        }
        uow.commit().await?;
        let stored = db.repository::<Pipeline>().get(id).await?;
        assert_eq!((stored.is_active, stored.description), (pipeline.is_active, heading.description));
        assert_eq!(stored.version, pipeline.version + 1);
    }
    // What one of them has changed is an old value in the other.
    let uow = db.unit_of_work();
    let heading = db.repository::<Heading>().get(id).await?;
    let mut pipeline = db.repository::<Pipeline>().get(id).await?;
    pipeline.name = "renamed".into();
    uow.save(&pipeline)?;
    uow.save(&heading)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Heading>().get(id).await?.name, "renamed");
    Ok(())
}

/// A row that is deleted by a struct which was read elsewhere is gone for the one that was read here, too.
#[tokio::test]
async fn a_row_that_another_struct_deletes() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let pipeline = uow.repository::<Pipeline>().get(id).await?;
    let step = pipeline.steps[0].id;
    let label = db.repository::<Label>().get(step).await?;
    uow.delete(&label)?;
    uow.flush().await?;
    uow.save(&pipeline)?;
    let error = uow.commit().await.err().ok_or("the step is deleted")?;
    assert!(error.to_string().contains("deleted"), "{error}");
    assert_eq!(db.repository::<Pipeline>().get(id).await?.steps.len(), 3);
    Ok(())
}

/// A user without what belongs to it.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "users")]
struct Name {
    #[persist(id)]
    id: Uuid,
    email: String,
    display_name: String,
}

/// What one struct has read below a row goes with it, also when another struct deletes the row that was read
/// elsewhere and knows nothing of it.
#[tokio::test]
async fn what_another_struct_has_read_below_goes_along() -> Result {
    let (_server, db, _) = stored().await?;
    let uow = db.unit_of_work();
    let user = NewUser::new("a@b.c", "A").account(NewAccount::new("1", Parent));
    let user = uow.insert(user)?;
    let id = uow.key(user).ok_or("made by the client")?;
    uow.commit().await?;
    let name = db.repository::<Name>().get(id).await?;
    let uow = db.unit_of_work();
    let account = uow.repository::<User>().get(id).await?.account.ok_or("inserted")?;
    uow.delete(&name)?;
    uow.commit().await?;
    assert_eq!(db.repository::<User>().find(id).await?, None);
    assert_eq!(db.repository::<Account>().find(account.id).await?, None);
    Ok(())
}

/// A row that one struct has read is no new one in another: it is moved.
#[tokio::test]
async fn a_child_that_another_struct_has_read() -> Result {
    let (_server, db, id) = stored().await?;
    let other = db.repository::<Pipeline>().insert(NewPipeline::new("other", BTreeMap::new())).await?.id;
    let elsewhere = db.repository::<Pipeline>().get(id).await?;
    let uow = db.unit_of_work();
    let mut to = uow.repository::<Pipeline>().get(other).await?;
    let label = uow.repository::<Label>().get(elsewhere.steps[0].id).await?;
    to.steps.push(Step { name: "moved".into(), ..elsewhere.steps[0].clone() });
    uow.save(&to)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(other).await?;
    assert_eq!(
        stored.steps.iter().map(|step| (step.id, &*step.name)).collect::<Vec<_>>(),
        [(label.id, "moved")]
    );
    assert_eq!(db.repository::<Pipeline>().get(id).await?.steps.len(), 2);
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

/// A step that comes to another parent need not say so itself: where it is found is where it belongs.
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

/// A trigger keeps a row out without an error: nothing of the unit of work is committed, and the error names
/// the table.
#[tokio::test]
async fn a_trigger_that_keeps_a_row_out() -> Result {
    use crate::shapes::{NewPlugin, Plugin, PluginType};
    let (server, db, _) = stored().await?;
    let trigger = "CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.name = 'unwanted' THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE TRIGGER keep_out BEFORE INSERT ON plugins FOR EACH ROW EXECUTE FUNCTION keep_out()";
    server.client().await.batch_execute(trigger).await?;
    for others in [false, true] {
        let uow = db.unit_of_work();
        for name in ["wanted", "unwanted"] {
            uow.insert(NewPlugin::new(name, "1", PluginType::Sink))?;
        }
        if others {
            uow.insert(NewTag::new("beside"))?;
            uow.insert(NewPipeline::new("beside", BTreeMap::new()))?;
        }
        let error = uow.commit().await.err().ok_or("a row was kept out")?;
        assert!(error.to_string().contains("plugins"), "{error}");
        let count = db.repository::<Plugin>().count().await? + db.repository::<Tag>().count().await?;
        assert_eq!((count, db.repository::<Heading>().count().await?), (0, 1));
    }
    let uow = db.unit_of_work();
    uow.insert(NewPlugin::new("wanted", "1", PluginType::Sink))?;
    uow.commit().await?;
    assert_eq!(db.repository::<Plugin>().count().await?, 1);
    Ok(())
}

/// What a repository writes is a change of the row, by whichever struct it was read before.
#[tokio::test]
async fn a_repository_beside_another_struct() -> Result {
    let (_server, db, id) = stored().await?;
    let uow = db.unit_of_work();
    let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    let heading = uow.repository::<Heading>().get(id).await?;
    let description = Some("by the repository".to_owned());
    uow.repository::<Heading>().update(&Heading { description: description.clone(), ..heading }).await?;
    pipeline.steps[0].enabled = false;
    pipeline.is_active = false;
    pipeline.description.clone_from(&description);
    uow.save(&pipeline)?;
    uow.commit().await?;
    let stored = db.repository::<Pipeline>().get(id).await?;
    assert_eq!((stored.description, stored.is_active, stored.steps[0].enabled), (description, false, false));
    Ok(())
}

/// What a migration changes between two units of work is prepared again, and nothing is done twice.
#[tokio::test]
async fn tables_that_are_altered() -> Result {
    let (server, db, id) = stored().await?;
    db.close();
    let db = Database::builder().url(server.url()).pool_size(1).connect().await?;
    let changes = [
        "ALTER TABLE pipeline_steps ALTER name TYPE varchar(200)",
        "ALTER TABLE comments ALTER body TYPE varchar(200)",
        "ALTER TABLE pipelines ADD IF NOT EXISTS note text",
        "ALTER TABLE comments ADD IF NOT EXISTS note text",
        "ALTER TABLE pipeline_steps ALTER name TYPE text",
    ];
    let client = server.client().await;
    let mut position = 10;
    let mut stored = 0;
    for change in changes {
        for (is_altered, is_flushed) in
            [(false, true), (false, false), (true, false), (false, true), (true, true)]
        {
            if is_altered {
                client.batch_execute(change).await?;
            }
            let uow = db.unit_of_work();
            position += 1;
            uow.insert(NewStep::new(id, "step").position(position))?;
            uow.insert(NewComment::new(id, "comment"))?;
            if is_flushed {
                uow.flush().await?;
            }
            uow.commit().await?;
            stored += 1;
            let steps = db.repository::<Step>().filter(|s| s.name.eq("step")).count().await?;
            let comments = db.repository::<Comment>().count().await?;
            assert_eq!((steps, comments), (stored, stored), "{change}");
        }
    }
    Ok(())
}

/// What was written, but cannot be answered, is not committed with the rest; alone it is committed already.
#[tokio::test]
async fn a_graph_that_is_deleted_at_once() -> Result {
    let (_server, db, _) = stored().await?;
    for sql in [
        "CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            DELETE FROM pipelines WHERE name LIKE 'gone%'; RETURN NULL; END $$",
        "CREATE TRIGGER tidy AFTER INSERT ON pipeline_steps EXECUTE FUNCTION tidy()",
    ] {
        Sql::unchecked(sql).execute(&db).await?;
    }
    let new = |name: &str| NewPipeline::new(name, BTreeMap::new()).steps([NewStep::new(Parent, "a")]);
    let uow = db.unit_of_work();
    uow.insert(NewTag::new("beside it"))?;
    let error = uow.repository::<Pipeline>().insert(new("gone")).await.expect_err("there is no such row");
    assert!(error.is_not_found(), "{error:?}");
    assert!(uow.commit().await.expect_err("a call has failed").is_rolled_back());
    assert_eq!(db.repository::<Tag>().count().await?, 0);

    let error = db.repository::<Pipeline>().insert(new("gone, too")).await.expect_err("there is no such row");
    assert!(error.is_committed(), "{error:?}");
    Ok(())
}
