//! Triggers that the program does not know of keep rows from being written: that is an error, and nothing is.

use std::collections::BTreeMap;

use persist::Error;
use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{
    NewComment, NewHeading, NewPipeline, NewRevision, NewRunbook, NewStep, NewTag, NewTeam, NewTeamMember,
    Pipeline, Runbook, Tag, Team,
};
use crate::world::stored;

/// What a unit of work does.
type Change = fn(&UnitOfWork<'_>, Stored) -> std::result::Result<(), Error>;

/// What is there.
#[derive(Clone)]
struct Stored {
    pipeline: Pipeline,
    tag: Tag,
    runbook: Runbook,
    team: Team,
}

/// The event, the table whose trigger keeps the row, and what would write it.
const CHANGES: [(&str, &str, Change); 16] = [
    ("INSERT", "tags", |uow, _| uow.insert(NewTag::new("new")).map(drop)),
    ("INSERT", "comments", |uow, stored| uow.insert(NewComment::new(stored.pipeline.id, "new")).map(drop)),
    ("INSERT", "pipelines", |uow, _| uow.insert(NewHeading::new("new", BTreeMap::new())).map(drop)),
    ("INSERT", "pipelines", |uow, stored| {
        uow.upsert(NewHeading::new("p", BTreeMap::new()).id(stored.pipeline.id)).map(drop)
    }),
    ("INSERT", "pipeline_tags", |uow, stored| {
        uow.insert(NewPipeline::new("new", BTreeMap::new()).tags([stored.tag.id])).map(drop)
    }),
    ("INSERT", "pipeline_tags", |uow, mut stored| {
        stored.pipeline.tags.push(stored.tag);
        uow.save(&stored.pipeline)
    }),
    ("DELETE", "pipeline_tags", |uow, mut stored| {
        stored.pipeline.tags.clear();
        uow.save(&stored.pipeline)
    }),
    ("INSERT", "pipeline_steps", |uow, _| {
        let steps = [NewStep::new(Parent, "new")];
        uow.insert(NewPipeline::new("new", BTreeMap::new()).steps(steps)).map(drop)
    }),
    ("UPDATE", "pipeline_steps", |uow, mut stored| {
        stored.pipeline.steps[0].name = "new".to_owned();
        uow.save(&stored.pipeline)
    }),
    ("DELETE", "pipeline_steps", |uow, mut stored| {
        stored.pipeline.steps.remove(0);
        uow.save(&stored.pipeline)
    }),
    ("UPDATE", "pipelines", |uow, mut stored| {
        stored.pipeline.description = Some("new".to_owned());
        uow.save(&stored.pipeline)
    }),
    ("DELETE", "tags", |uow, stored| uow.delete(&stored.tag)),
    ("INSERT", "team_members", |uow, _| {
        let id = Uuid::now_v7();
        let members = [NewTeamMember::new(Parent, 1, "new").id(id)];
        uow.insert(NewTeam::new("new").lead_id(Some(id)).members(members)).map(drop)
    }),
    ("DELETE", "team_members", |uow, mut stored| {
        stored.team.lead_id = None;
        stored.team.members.clear();
        uow.save(&stored.team)
    }),
    ("DELETE", "teams", |uow, stored| uow.delete(&stored.team)),
    ("DELETE", "runbooks", |uow, stored| uow.delete(&stored.runbook)),
];

async fn filled() -> Result<(TestDatabase, Database, Stored)> {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(2).connect().await?;
    let kept = db.repository::<Tag>().insert(NewTag::new("kept")).await?.id;
    let tag = db.repository::<Tag>().insert(NewTag::new("tag")).await?;
    let new = NewPipeline::new("p", BTreeMap::new()).steps([NewStep::new(Parent, "step")]).tags([kept]);
    let id = db.repository::<Pipeline>().insert(new).await?.id;
    let current = Uuid::now_v7();
    let revisions = [NewRevision::new(Parent, 1, "body").id(current)];
    let runbook = NewRunbook::new("r", current).revisions(revisions);
    let lead = Uuid::now_v7();
    let members = [NewTeamMember::new(Parent, 1, "lead").id(lead)];
    let team = NewTeam::new("t").lead_id(Some(lead)).members(members);
    let stored = Stored {
        pipeline: db.repository::<Pipeline>().get(id).await?,
        tag,
        runbook: db.repository::<Runbook>().insert(runbook).await?,
        team: db.repository::<Team>().insert(team).await?,
    };
    Ok((server, db, stored))
}

#[tokio::test]
async fn every_row_is_counted() -> Result {
    let (server, db, stored_before) = filled().await?;
    let client = server.client().await;
    let keep = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$";
    client.batch_execute(keep).await?;
    let before = stored(&client).await?;
    for (event, table, change) in CHANGES {
        let what = format!("{event} {table}");
        let keep =
            format!("CREATE TRIGGER keep BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION keep()");
        client.batch_execute(&keep).await?;
        for flushes in [false, true] {
            let uow = db.unit_of_work();
            // What is saved was read in the unit of work.
            let mut known = stored_before.clone();
            known.pipeline = uow.repository::<Pipeline>().get(known.pipeline.id).await?;
            known.runbook = uow.repository::<Runbook>().get(known.runbook.id).await?;
            known.team = uow.repository::<Team>().get(known.team.id).await?;
            known.tag = uow.repository::<Tag>().get(known.tag.id).await?;
            change(&uow, known)?;
            let flushed = if flushes { uow.flush().await } else { Ok(()) };
            let error = match flushed {
                Ok(()) => uow.commit().await.err().ok_or_else(|| format!("{what}: committed"))?,
                Err(error) => error,
            };
            assert!(!error.is_committed() && !error.is_commit_unknown(), "{what}: {error:?}");
            assert!(error.to_string().contains("trigger"), "{what}: {error:?}");
            assert_eq!(stored(&client).await?, before, "{what}");
        }
        client.batch_execute(&format!("DROP TRIGGER keep ON {table}")).await?;
    }
    Ok(())
}

/// Links that two sessions add, or take away, at the same time are no error.
#[tokio::test]
async fn others_may_have_linked_the_same() -> Result {
    let (server, db, stored) = filled().await?;
    let mut client = server.client().await;
    for adds in [true, false] {
        let uow = db.unit_of_work();
        let mut pipeline = uow.repository::<Pipeline>().get(stored.pipeline.id).await?;
        pipeline.tags.retain(|tag| tag.id != stored.tag.id);
        if adds {
            pipeline.tags.push(stored.tag.clone());
        }
        let other = match adds {
            true => "INSERT INTO pipeline_tags SELECT $1, $2",
            false => "DELETE FROM pipeline_tags WHERE (pipeline_id, tag_id) = ($1, $2)",
        };
        let transaction = client.transaction().await?;
        transaction.execute(other, &[&stored.pipeline.id, &stored.tag.id]).await?;
        uow.save(&pipeline)?;
        let committing = async {
            let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted";
            let observer = server.client().await;
            while observer.query_one(waits, &[]).await?.get::<_, i64>(0) == 0 {
                tokio::task::yield_now().await;
            }
            transaction.commit().await
        };
        let (committed, other) = tokio::join!(uow.commit(), committing);
        other?;
        committed?;
        let pipeline = db.repository::<Pipeline>().get(stored.pipeline.id).await?;
        assert_eq!(pipeline.tags.len(), if adds { 2 } else { 1 });
    }
    Ok(())
}
