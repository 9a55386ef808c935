//! New rows by the names of their columns, and what can be done with one before it is written.

use std::collections::BTreeMap;

use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(has_many, order_by = "position")]
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps")]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
}

/// Its status is neither `Clone` nor `Debug`.
#[derive(Repository)]
#[persist(table = "pipeline_executions")]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
}

#[derive(Enum)]
#[persist(type = "execution_status")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[tokio::test]
async fn what_is_required_is_given_by_name() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let new = NewPipeline::from(PipelineFields {
        environment_variables: Json(BTreeMap::new()),
        name: "nightly".into(),
    });
    let steps = [StepFields { name: "load".into(), pipeline_id: Parent.into() }];
    let new = new.description("by name").steps(steps.map(NewStep::from));
    let nightly = db.repository::<Pipeline>().insert(new).await?;
    assert_eq!((nightly.name.as_str(), nightly.steps.len()), ("nightly", 1));

    // A key that is known, and one that comes to be in the same unit.
    let uow = db.unit_of_work();
    uow.insert(
        NewStep::from(StepFields { pipeline_id: nightly.id.into(), name: "check".into() }).position(2),
    )?;
    let hourly = uow.insert(NewPipeline::new("hourly", BTreeMap::new()))?;
    uow.insert(NewExecution::from(ExecutionFields { pipeline_id: hourly.into(), execution_number: 1 }))?;
    uow.commit().await?;
    assert_eq!(db.repository::<Step>().filter(|s| s.pipeline_id.eq(nightly.id)).count().await?, 2);
    assert!(db.repository::<Execution>().query().one().await?.pipeline_id != nightly.id);
    Ok(())
}

#[tokio::test]
async fn a_new_row_is_cloned_with_all_that_it_holds() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let pattern =
        NewPipeline::new("a", BTreeMap::new()).description("same").steps([NewStep::new(Parent, "load")]);
    // A copy has the same key, unless it is given another.
    let copy = pattern.clone().id(Uuid::from_u128(7));
    let pipelines = db.repository::<Pipeline>();
    pipelines.insert(pattern.clone()).await?;
    assert!(pipelines.insert(pattern).await.is_err_and(|error| error.is_unique_violation()));
    let error = pipelines.insert(copy).await.unwrap_err();
    assert!(error.violates(Pipeline::UNIQUE_NAME), "{error}");
    Ok(())
}

#[test]
fn a_new_row_is_printed_as_its_columns() {
    let new = NewStep::new(Parent, "load").id(Uuid::nil());
    assert_eq!(
        format!("{new:?}"),
        "NewStep { id: 00000000-0000-0000-0000-000000000000, pipeline_id: Parent, position: None, name: \"load\" }"
    );
    let new = NewPipeline::new("nightly", BTreeMap::new()).id(Uuid::nil()).steps([new]);
    assert!(format!("{new:?}").ends_with("steps: Some(…) }"), "{new:?}");
}
