//! Rows that are refused by the program itself never leave it.

mod domain;

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use persist::prelude::*;
use persist::{Error, Parent};
use uuid::Uuid;

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines", validate = named, validate_new = newly_named)]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<Vec<String>>,
    #[persist(has_many, order_by = "position", cascade)]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps", validate = Step::is_placed, validate_new = NewStep::is_placed)]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
}

fn named(pipeline: &Pipeline) -> Result<(), String> {
    name(&pipeline.name)
}

fn newly_named(pipeline: &NewPipeline) -> Result<(), String> {
    name(&pipeline.name)
}

fn name(name: &str) -> Result<(), String> {
    if name.trim().is_empty() { Err("a pipeline needs a name".into()) } else { Ok(()) }
}

#[derive(Debug)]
struct NotPlaced;

impl std::fmt::Display for NotPlaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("positions start with 1")
    }
}

impl std::error::Error for NotPlaced {}

impl Step {
    fn is_placed(&self) -> Result<(), NotPlaced> {
        if self.position < 1 { Err(NotPlaced) } else { Ok(()) }
    }
}

impl NewStep {
    fn is_placed(&self) -> Result<(), NotPlaced> {
        assert_ne!(self.position, Some(i32::MAX), "a validation with a mistake");
        if self.position.is_some_and(|position| position < 1) { Err(NotPlaced) } else { Ok(()) }
    }
}

fn new(name: &str, position: i32) -> NewPipeline {
    NewPipeline::new(name, Vec::new()).steps([NewStep::new(Parent, "load").position(position)])
}

fn refusal<T>(result: Result<T, Error>) -> String {
    let error = result.err().expect("it is refused");
    assert!(error.is_refused(), "{error:?}");
    format!("{error}: {}", error.source().expect("a refusal has a reason"))
}

const NAMELESS: &str =
    "a row of `pipelines` does not pass its validation; nothing was sent: a pipeline needs a name";
const MISPLACED: &str =
    "a row of `pipeline_steps` does not pass its validation; nothing was sent: positions start with 1";

#[tokio::test]
async fn a_row_is_looked_at_before_a_connection_is_taken() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let mut pipeline = db.repository::<Pipeline>().insert(new("nightly", 1)).await?;
    let id = pipeline.id;
    db.close();

    let pipelines = db.repository::<Pipeline>();
    pipeline.steps[0].position = 0;
    let work = db.unit_of_work();
    assert_eq!(refusal(work.save(&pipeline)), MISPLACED);
    assert_eq!(refusal(work.insert(new("hourly", 0)).map(drop)), MISPLACED);
    assert_eq!(refusal(work.insert(new(" ", 1)).map(drop)), NAMELESS);
    assert_eq!(refusal(work.upsert(NewPipeline::new("", Vec::new()))), NAMELESS);
    assert_eq!(refusal(pipelines.insert(new("", 1)).await), NAMELESS);
    assert_eq!(refusal(pipelines.insert(new("hourly", -1)).await), MISPLACED);
    assert_eq!(refusal(pipelines.upsert(NewPipeline::new("", Vec::new())).await), NAMELESS);
    assert_eq!(refusal(pipelines.upsert_by_name(NewPipeline::new("", Vec::new())).await), NAMELESS);
    pipeline.name.clear();
    assert_eq!(refusal(pipelines.update(&pipeline).await), NAMELESS);

    // What is right needs a connection.
    assert!(!pipelines.find(id).await.expect_err("the pool is closed").is_refused());
    assert!(!pipelines.insert(new("hourly", 1)).await.expect_err("the pool is closed").is_refused());
    Ok(())
}

/// PostgreSQL would name neither the column nor the row.
#[tokio::test]
async fn a_text_with_a_nul_character_is_found_before_it_is_sent() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let mut pipeline = db.repository::<Pipeline>().insert(new("nightly", 1)).await?;
    let error = db.repository::<Pipeline>().filter(|p| p.name.eq("a\0b")).all().await.expect_err("a filter");
    let said = "the value of column `name` could not be encoded, and nothing was sent: ";
    assert!(error.is_encode() && error.code().is_none() && error.to_string().starts_with(said), "{error:?}");
    db.close();

    let work = db.unit_of_work();
    let unwritable = NewPipeline::new("hourly", Vec::new()).steps([NewStep::new(Parent, "lo\0ad")]);
    let nested = work.insert(unwritable).expect_err("a nested row");
    let upserted = work.upsert(NewPipeline::new("hour\0ly", Vec::new())).expect_err("a row to be upserted");
    pipeline.steps[0].name.push('\0');
    let child = work.save(&pipeline).expect_err("a child");
    pipeline.name.push('\0');
    let root = work.save(&pipeline).expect_err("a root");
    let names =
        [(nested, "pipeline_steps"), (upserted, "pipelines"), (child, "pipeline_steps"), (root, "pipelines")];
    for (error, table) in names {
        assert!(error.is_encode(), "{error:?}");
        let said = format!("the value of column `{table}.name` could not be encoded, and nothing was sent: ");
        let why = error.to_string().strip_prefix(&said).map(str::to_owned);
        assert!(why.is_some_and(|why| why.contains("NUL")) && error.source().is_none(), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn what_was_refused_can_be_put_right() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let work = db.unit_of_work();
    work.insert(new("", 1)).expect_err("it has no name");
    let handle = work.insert(new("nightly", 1))?;
    work.flush().await?;
    let id = work.key(handle).expect("it was given");
    let mut pipeline = work.repository::<Pipeline>().get(id).await?;
    pipeline.steps[0].position = 0;
    work.save(&pipeline).expect_err("its step has no place");
    pipeline.steps[0].position = 2;
    work.save(&pipeline)?;
    work.commit().await?;
    let steps = db.repository::<Pipeline>().get(id).await?.steps;
    assert_eq!(steps.iter().map(|step| (step.position, &*step.name)).collect::<Vec<_>>(), [(2, "load")]);
    assert!(steps[0].pipeline_id == id && !steps[0].id.is_nil());
    Ok(())
}

#[tokio::test]
async fn a_validation_that_panics_leaves_nothing_behind() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let work = db.unit_of_work();
    // The pipeline itself is right; its step is looked at after it.
    catch_unwind(AssertUnwindSafe(|| work.insert(new("nightly", i32::MAX)))).expect_err("it panics");
    let handle = work.insert(new("hourly", 1))?;
    let id = work.commit().await?.key(handle).expect("it was given");
    assert_eq!(db.repository::<Pipeline>().count().await?, 1);
    assert_eq!(db.repository::<Pipeline>().get(id).await?.name, "hourly");
    Ok(())
}
