//! New rows that are added to the relation of a row.

mod aggregate;

use std::collections::BTreeMap;

use aggregate::{
    Execution, Log, NewExecution, NewLog, NewPipeline, NewStep, NewTag, NewUser, Pipeline, Step, User,
};
use persist::Error;
use persist::prelude::*;
use persist_testkit::TestDatabase;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

async fn database() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    Ok((server, db))
}

#[tokio::test]
async fn to_a_row_that_is_there_and_to_a_new_one() -> Result {
    let (_server, db) = database().await?;
    let pipelines = db.repository::<Pipeline>();
    let old = pipelines.insert(NewPipeline::new("old", BTreeMap::new())).await?;
    for is_read_here in [true, false] {
        let uow = db.unit_of_work();
        let mut pipeline =
            if is_read_here { uow.repository::<Pipeline>().get(old.id).await? } else { old.clone() };
        let run = i32::from(is_read_here) + 1;
        uow.add(&pipeline, |p| p.steps, NewStep::new(Parent, format!("step {run}")).position(run))?;
        let logs = [NewLog::new(Parent, "one"), NewLog::new(Parent, "two")];
        let execution = uow.add(&pipeline, |p| p.executions, NewExecution::new(Parent, run).logs(logs))?;
        uow.add(&execution, |e| e.logs, NewLog::new(Parent, "three"))?;
        if is_read_here {
            // The struct does not show what was added, which is no reason to take it out.
            pipeline.is_active = false;
            uow.save(&pipeline)?;
        }
        uow.flush().await?;
        // Its key is known now, or was made by the database.
        uow.add(&execution, |e| e.logs, NewLog::new(Parent, "four"))?;
        uow.commit().await?;
    }
    let stored = pipelines.get(old.id).await?;
    assert_eq!(stored.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["step 1", "step 2"]);
    let messages: Vec<Vec<&str>> = stored
        .executions
        .iter()
        .map(|run| run.logs.iter().map(|log| log.message.as_str()).collect())
        .collect();
    assert_eq!(messages, vec![["one", "two", "three", "four"]; 2]);

    let uow = db.unit_of_work();
    let new = uow.insert(NewPipeline::new("new", BTreeMap::new()))?;
    uow.add(&new, |p| p.steps, NewStep::new(Parent, "only").position(1))?;
    // What is given in place of `Parent` does not count: it is added to this one.
    uow.add(&new, |p| p.steps, NewStep::new(old.id, "second").position(2))?;
    uow.commit().await?;
    let new = pipelines.find_by_name("new").await?.expect("it is stored");
    assert_eq!(new.steps.len(), 2);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_added_says_so() -> Result {
    let (_server, db) = database().await?;
    let old = db.repository::<Pipeline>().insert(NewPipeline::new("old", BTreeMap::new())).await?;
    let uow = db.unit_of_work();
    let refused: [std::result::Result<(), Error>; 2] = [
        uow.add(&old, |p| p.tags, NewTag::new("tag")).map(drop),
        uow.add(&old, |p| p.owner, NewUser::new("o@example.org", "Olga")).map(drop),
    ];
    for refused in refused {
        let error = refused.expect_err("it would not belong to the pipeline");
        assert!(error.is_invalid_query() && error.to_string().contains("would not belong"), "{error}");
    }
    let other = db.unit_of_work().insert(NewPipeline::new("other", BTreeMap::new()))?;
    let error = uow.add(&other, |p| p.steps, NewStep::new(Parent, "s")).expect_err("a handle of another one");
    assert!(error.is_invalid_query(), "{error}");
    assert!(uow.plan()?.statements().is_empty(), "nothing is kept of them");
    let counts = (db.repository::<User>().count().await?, db.repository::<Step>().count().await?);
    let below = (db.repository::<Execution>().count().await?, db.repository::<Log>().count().await?);
    assert_eq!((counts, below), ((0, 0), (0, 0)));
    Ok(())
}
