//! New rows by the names of their columns, and what can be done with one before it is written.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
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

/// What is read of a new pipeline in place of all that belongs to it.
#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct Card {
    id: Uuid,
    #[persist(count = "pipeline_steps")]
    steps: i64,
    #[persist(sql = "upper(name)")]
    loud: String,
}

#[derive(Debug, View)]
#[persist(of = Pipeline)]
struct Named {
    name: String,
    #[persist(has_many, order_by = "position", limit = 1)]
    steps: Vec<Step>,
}

/// Its key is made by the database.
#[derive(Debug, Clone, Repository)]
#[persist(table = "comments", filter_by(pipeline: Pipeline, belongs_to))]
struct Comment {
    #[persist(id)]
    id: i64,
    pipeline_id: Uuid,
    body: String,
    #[persist(has_many(foreign_key = "reply_to"))]
    replies: Vec<Comment>,
}

#[derive(Debug, View)]
#[persist(of = Comment)]
struct Body {
    id: i64,
    body: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_insert_only_what_was_asked_for_is_read() -> Result {
    let server = TestDatabase::new().await;
    let proxy = Proxy::start(&server).await;
    proxy.set_latency(std::time::Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    let pipelines = db.repository::<Pipeline>();
    let cards = pipelines.view::<Card>();
    let new = |name: &str| NewPipeline::new(name, BTreeMap::new());
    for name in ["cold", "warm"] {
        let card = assert_round_trips!(proxy, 1, cards.insert(new(name)).await?);
        assert_eq!((card.steps, card.loud.as_str()), (0, name.to_uppercase().as_str()));
        assert_eq!(cards.get(card.id).await?, card);
    }
    // What is nested is written whatever is read.
    let steps = || (1..=3).map(|position| NewStep::new(Parent, "load").position(position));
    let card = assert_round_trips!(proxy, 1, cards.insert(new("nested").steps(steps())).await?);
    assert_eq!(card.steps, 3);
    let named = pipelines.view::<Named>();
    let plain = assert_round_trips!(proxy, 1, named.insert(new("plain")).await?);
    let nested = assert_round_trips!(proxy, 1, named.insert(new("named").steps(steps())).await?);
    assert_eq!((plain.steps.len(), nested.steps.len(), nested.name.as_str()), (0, 1, "named"));

    // The whole struct needs the key for a second trip, which the view does not.
    let comments = db.repository::<Comment>();
    let whole = assert_round_trips!(proxy, 2, comments.insert(NewComment::new(card.id, "a")).await?);
    let body =
        assert_round_trips!(proxy, 1, comments.view::<Body>().insert(NewComment::new(card.id, "b")).await?);
    assert!(body.id > whole.id && body.body == "b" && whole.replies.is_empty());

    let error = cards.insert(new("plain")).await.unwrap_err();
    assert!(error.violates(Pipeline::UNIQUE_NAME), "{error}");
    // In a unit of work as well; what was read there can be saved by its entity.
    let uow = db.unit_of_work();
    let card = uow.repository::<Pipeline>().view::<Card>().insert(new("in a unit")).await?;
    let mut pipeline = uow.repository::<Pipeline>().get(card.id).await?;
    pipeline.name.push('!');
    uow.save(&pipeline)?;
    uow.commit().await?;
    assert_eq!(cards.get(card.id).await?.loud, "IN A UNIT!");
    Ok(())
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

/// The times have defaults, which are the server's business.
#[derive(Debug, Clone, PartialEq, Repository)]
#[persist(table = "pipelines")]
struct Timed {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
    #[persist(version)]
    version: i64,
    #[persist(created_at)]
    created_at: DateTime<Utc>,
    #[persist(updated_at)]
    updated_at: DateTime<Utc>,
}

#[tokio::test]
async fn times_and_keys_are_given_on_import() -> Result {
    let server = TestDatabase::new().await;
    let client = server.client().await;
    let db = Database::connect(server.url()).await?;
    let rows = db.repository::<Timed>();
    let long_ago: DateTime<Utc> = "2001-02-03T04:05:06Z".parse()?;
    for has_defaults in [true, false] {
        if !has_defaults {
            let drop =
                "ALTER TABLE pipelines ALTER created_at DROP DEFAULT, ALTER updated_at SET DEFAULT 'epoch'";
            client.batch_execute(drop).await?;
        }
        let new = |name: &str| NewTimed::new(format!("{name} {has_defaults}"), BTreeMap::new());
        let imported = new("imported").id(Uuid::from_u128(u128::from(has_defaults) + 1)).created_at(long_ago);
        let imported = rows.insert(imported.updated_at(long_ago + TimeDelta::days(1))).await?;
        assert_eq!((imported.created_at, imported.updated_at), (long_ago, long_ago + TimeDelta::days(1)));
        assert_eq!(imported.version, 1);
        if has_defaults {
            let before = Utc::now() - TimeDelta::hours(1);
            let own = rows.insert(new("own")).await?;
            assert!(own.created_at > before && own.updated_at > before);
        }

        // Side by side in one flush, and written over.
        let uow = db.unit_of_work();
        uow.insert(new("first").created_at(long_ago).updated_at(long_ago))?;
        uow.insert(new("second").created_at(long_ago))?;
        uow.commit().await?;
        let first = rows.find_by_name(format!("first {has_defaults}")).await?.ok_or("it is there")?;
        assert_eq!((first.created_at, first.updated_at), (long_ago, long_ago));
        let later = long_ago + TimeDelta::days(9);
        let over = rows.upsert_by_name(new("first").created_at(long_ago).updated_at(later)).await?;
        assert_eq!((over.id, over.updated_at, over.version), (first.id, later, 2));
        let over = rows.upsert_by_name(new("first").created_at(long_ago)).await?;
        assert!(over.updated_at > later, "what is not given is the time of the update");
        // A struct that is saved says nothing about the times.
        let uow = db.unit_of_work();
        let mut saved = uow.repository::<Timed>().get(over.id).await?;
        (saved.name, saved.created_at) = (format!("saved {has_defaults}"), Utc::now());
        uow.save(&saved)?;
        uow.commit().await?;
        assert_eq!(rows.get(over.id).await?.created_at, long_ago);
    }
    Ok(())
}
