//! Other ways of reading the rows of an entity: fewer columns, other relations, values of both.

mod aggregate;

use std::collections::BTreeMap;

use aggregate::{Execution, NewExecution, NewPipeline, NewStep, NewUser, Pipeline, Step, User};
use chrono::{DateTime, Utc};
use persist::prelude::*;
use persist_testkit::TestDatabase;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = User)]
struct UserName {
    #[persist(column = "display_name")]
    name: String,
}

/// Without its key, which its logs refer to.
#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Execution, table = "pipeline_executions")]
struct ExecutionCard {
    execution_number: i32,
    #[persist(count = "execution_logs", filter = "message <> 'silent'")]
    lines: i64,
    #[persist(has_many(table = "execution_logs"), order_by = "id", limit = 2)]
    first: Vec<aggregate::Log>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct PipelineCard {
    id: Uuid,
    name: String,
    #[persist(count = "pipeline_steps")]
    step_count: i64,
    #[persist(exists = "pipeline_executions", filter = "execution_number > 1")]
    has_run_twice: bool,
    #[persist(max = "pipeline_steps.position", filter = "enabled")]
    last_position: Option<i32>,
    #[persist(min = "pipeline_executions.started_at")]
    first_start: Option<DateTime<Utc>>,
    #[persist(sql = "upper(name) || '!'")]
    loud: String,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc", limit = 1)]
    latest: Vec<ExecutionCard>,
    #[persist(has_many(table = "pipeline_steps"), key_by = "position", filter = "name <> 's2'")]
    by_position: BTreeMap<i32, Step>,
    #[persist(belongs_to)]
    owner: Option<UserName>,
}

/// A view of a view.
#[derive(Debug, PartialEq, View)]
#[persist(of = PipelineCard, table = "pipelines")]
struct PipelineLine {
    name: String,
    #[persist(has_one(table = "pipeline_steps"), order_by = "position desc")]
    last: Option<Box<Step>>,
}

/// Relations alone, to many rows and to one.
#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct Steps {
    #[persist(has_many(table = "pipeline_steps"), order_by = "position")]
    steps: Vec<StepName>,
}

#[derive(Debug, PartialEq, View)]
#[persist(of = Pipeline)]
struct Owner {
    #[persist(belongs_to)]
    owner: Option<UserName>,
}

#[derive(Debug, Clone, PartialEq, View)]
#[persist(of = Step, table = "pipeline_steps")]
struct StepName {
    name: String,
}

#[tokio::test]
async fn a_view_may_have_relations_alone() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?;
    let pipelines = db.repository::<Pipeline>();
    let owned = pipelines.insert(NewPipeline::new("a", BTreeMap::new()).owner_id(owner.id)).await?;
    let other = pipelines.insert(NewPipeline::new("b", BTreeMap::new())).await?;
    db.repository::<Step>().insert(NewStep::new(owned.id, "load").position(1)).await?;
    let named = |name: &str| StepName { name: name.into() };
    let query = pipelines.order_by(|p| p.name.asc());
    let expected = [Steps { steps: vec![named("load")] }, Steps { steps: vec![] }];
    assert_eq!(query.clone().view::<Steps>().all().await?, expected);
    assert_eq!(query.clone().view::<Steps>().limit(1).all().await?, expected[..1]);
    assert_eq!(query.clone().limit(5).for_update().view::<Steps>().all().await?, expected);
    assert_eq!(pipelines.view::<Steps>().find_many(&[other.id, owned.id]).await?, {
        let [first, second] = expected;
        [second, first]
    });
    let expected = [Owner { owner: Some(UserName { name: "Olga".into() }) }, Owner { owner: None }];
    assert_eq!(query.view::<Owner>().all().await?, expected);
    assert_eq!(pipelines.view::<Owner>().find(other.id).await?, Some(Owner { owner: None }));
    Ok(())
}

#[tokio::test]
async fn a_view_reads_other_things_of_the_same_row() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let owner = db.repository::<User>().insert(NewUser::new("o@example.org", "Olga")).await?;
    let pipelines = db.repository::<Pipeline>();
    let full = pipelines.insert(NewPipeline::new("full", BTreeMap::new()).owner_id(owner.id)).await?;
    let empty = pipelines.insert(NewPipeline::new("empty", BTreeMap::new())).await?;
    for position in 1..=3 {
        let new = NewStep::new(full.id, format!("s{position}")).position(position);
        db.repository::<Step>().insert(new).await?;
        db.repository::<Execution>().insert(NewExecution::new(full.id, position)).await?;
    }
    let cards = pipelines.order_by(|p| p.name.asc()).view::<PipelineCard>().all().await?;
    let [empty_card, card] = cards.as_slice() else { panic!("{cards:?}") };
    assert_eq!((empty_card.id, empty_card.step_count, empty_card.has_run_twice), (empty.id, 0, false));
    assert_eq!((empty_card.last_position, &empty_card.owner, empty_card.latest.len()), (None, &None, 0));
    assert_eq!((card.step_count, card.has_run_twice, card.last_position), (3, true, Some(3)));
    assert_eq!(card.owner, Some(UserName { name: "Olga".to_owned() }));
    assert_eq!(card.loud, "FULL!");
    assert_eq!(card.latest, [ExecutionCard { execution_number: 3, lines: 0, first: vec![] }]);
    assert_eq!(card.by_position.keys().copied().collect::<Vec<_>>(), [1, 3]);
    let found = pipelines.view::<PipelineLine>().find(full.id).await?.expect("it exists");
    assert_eq!((found.name.as_str(), found.last.map(|last| last.position)), ("full", Some(3)));
    Ok(())
}
