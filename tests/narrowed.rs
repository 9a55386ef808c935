//! Relations of views that are narrowed by whoever reads them: against a server, each way in which a load finds its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use persist::prelude::*;
use persist_testkit::{Proxy, TestDatabase, assert_round_trips};
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipelines", filter_by(steps: Vec<Step>, has_many))]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    environment_variables: Json<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_steps", filter_by(plugin: Option<Plugin>, belongs_to))]
struct Step {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
    plugin_id: Option<Uuid>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "plugins")]
struct Plugin {
    #[persist(id)]
    id: Uuid,
    name: String,
    version: String,
    plugin_type: PluginType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[persist(type = "plugin_type")]
enum PluginType {
    Source,
    Transform,
    Sink,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "tags")]
struct Tag {
    #[persist(id)]
    id: Uuid,
    name: String,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "pipeline_executions")]
struct Execution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    error_message: Option<String>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "execution_logs")]
struct Log {
    #[persist(id)]
    id: i64,
    execution_id: Uuid,
    message: String,
}

/// Shows a part of the columns that the conditions are about.
#[derive(Debug, View)]
#[persist(of = Step, table = "pipeline_steps")]
struct StepName {
    name: String,
}

#[derive(Debug, View)]
#[persist(of = Execution, table = "pipeline_executions")]
struct ExecutionCard {
    execution_number: i32,
    #[persist(has_many, order_by = "id")]
    logs: Vec<Log>,
}

#[derive(Debug, View)]
#[persist(of = Pipeline)]
#[persist(filter_by(executions: Vec<Execution>, has_many))]
struct Board {
    name: String,
    #[persist(has_many, order_by = "position")]
    steps: Vec<StepName>,
    #[persist(has_many(table = "pipeline_steps"), filter = "enabled", key_by = "position")]
    enabled: BTreeMap<i32, Step>,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number desc", limit = 1)]
    latest: Vec<ExecutionCard>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name")]
    tags: Vec<Tag>,
    #[persist(many_to_many(through = "pipeline_tags"), order_by = "name", limit = 1)]
    first_tag: Vec<Tag>,
}

#[derive(Debug, Clone, Repository)]
#[persist(table = "categories")]
struct Category {
    #[persist(id)]
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
}

#[derive(Debug, View)]
#[persist(of = Category, table = "categories")]
struct Branch {
    name: String,
    #[persist(has_many(foreign_key = "parent_id"), order_by = "name")]
    children: Vec<Branch>,
}

const PIPELINES: &str = "
    INSERT INTO pipelines (id, name, environment_variables)
    SELECT gen_random_uuid(), name, '{}' FROM unnest(ARRAY['hourly', 'nightly']) AS name;
    INSERT INTO plugins (id, name, version, plugin_type) VALUES (gen_random_uuid(), 'csv', '1.0', 'source');
    INSERT INTO pipeline_steps (id, pipeline_id, position, name, enabled, plugin_id)
    SELECT gen_random_uuid(), p.id, n, s.name, n <> 3, CASE WHEN n <> 2 THEN (SELECT id FROM plugins) END
    FROM pipelines AS p, unnest(ARRAY['load', 'check', 'store']) WITH ORDINALITY AS s (name, n);
    INSERT INTO pipeline_executions (id, pipeline_id, execution_number, error_message)
    SELECT gen_random_uuid(), p.id, n, CASE WHEN n < 3 THEN 'out of space' END
    FROM pipelines AS p, generate_series(1, 3) AS n;
    INSERT INTO execution_logs (execution_id, message) SELECT id, 'run ' || execution_number FROM pipeline_executions;
    INSERT INTO tags (id, name) SELECT gen_random_uuid(), name FROM unnest(ARRAY['daily', 'draft', 'eu']) AS name;
    INSERT INTO pipeline_tags (pipeline_id, tag_id) SELECT p.id, t.id FROM pipelines AS p, tags AS t
    WHERE p.name = 'nightly';";

async fn pipelines() -> Result<(TestDatabase, Database)> {
    let server = TestDatabase::new().await;
    server.client().await.batch_execute(PIPELINES).await?;
    let db = Database::connect(server.url()).await?;
    Ok((server, db))
}

/// A condition on each relation, by columns that the view of the other side does not show, and by relations of its entity.
fn narrowed<'a>(session: impl Into<persist::Session<'a>>) -> persist::query::Query<'a, Pipeline, Board> {
    let boards = session.into().repository::<Pipeline>().order_by(|p| p.name.desc()).view::<Board>();
    boards
        .with(|b| b.steps, |s| s.plugin.is(|plugin| plugin.plugin_type.eq(PluginType::Source)))
        .with(|b| b.steps, |s| s.position.lt(3))
        .with(|b| b.enabled, |s| s.position.gt(1))
        .with(|b| b.latest, |e| e.error_message.is_not_null())
        .with(|b| b.tags, |t| t.name.starts_with("d"))
        .with(|b| b.first_tag, |t| t.name.ne("daily"))
}

fn check(boards: &[Board]) {
    let names: Vec<&str> = boards.iter().map(|board| board.name.as_str()).collect();
    assert_eq!(names, ["nightly", "hourly"], "which rows are found stays as it is");
    for board in boards {
        let steps: Vec<&str> = board.steps.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(steps, ["load"]);
        assert_eq!(board.enabled.keys().collect::<Vec<_>>(), [&2], "the relation's own filter holds as well");
        let latest: Vec<i32> = board.latest.iter().map(|execution| execution.execution_number).collect();
        assert_eq!(latest, [2], "the limit counts what is left");
        assert_eq!(board.latest[0].logs.len(), 1);
        assert_eq!(board.latest[0].logs[0].message, "run 2");
    }
    let tags = |tags: &[Tag]| tags.iter().map(|tag| tag.name.clone()).collect::<Vec<_>>();
    assert_eq!(tags(&boards[0].tags), ["daily", "draft"]);
    assert_eq!(tags(&boards[0].first_tag), ["draft"]);
    assert!(boards[1].tags.is_empty() && boards[1].first_tag.is_empty());
}

#[tokio::test]
async fn each_relation_holds_only_the_rows_that_were_asked_for() -> Result {
    let (_server, db) = pipelines().await?;
    check(&narrowed(&db).all().await?);
    // By keys that are handed over: the parents' query is cut off, filtered, locked, or in a transaction.
    check(&narrowed(&db).limit(2).all().await?);
    check(&narrowed(&db).filter(|p| p.name.ne("x")).all().await?);
    check(&narrowed(&db).for_update().all().await?);
    let uow = db.unit_of_work();
    check(&narrowed(&uow).all().await?);
    uow.commit().await?;
    Ok(())
}

#[tokio::test]
async fn pages_and_streams_are_narrowed_too() -> Result {
    let (_server, db) = pipelines().await?;
    let first = narrowed(&db).page(PageRequest::first(1).with_total()).await?;
    assert_eq!(first.total, Some(2));
    let next = first.next.ok_or("there is a second page")?;
    let second = narrowed(&db).page(PageRequest::first(1).after(next)).await?;
    check(&first.items.into_iter().chain(second.items).collect::<Vec<_>>());

    let (mut rows, mut streamed) = (narrowed(&db).stream(), Vec::new());
    while let Some(board) = rows.try_next().await? {
        streamed.push(board);
    }
    check(&streamed);
    let [nightly, hourly] = [narrowed(&db).first().await?, narrowed(&db).offset(1).first().await?];
    check(&nightly.into_iter().chain(hourly).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn narrowed_relations_take_one_round_trip() -> Result {
    let (server, _) = pipelines().await?;
    let proxy = Proxy::start(&server).await;
    // With some latency an answer cannot come between two writes, and count as one trip more.
    proxy.set_latency(Duration::from_millis(5));
    let db = Database::connect(proxy.url()).await?;
    for _cold_then_warm in 0..2 {
        check(&assert_round_trips!(proxy, 1, narrowed(&db).all().await?));
    }
    Ok(())
}

#[tokio::test]
async fn of_a_tree_the_branches_are_cut() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::connect(server.url()).await?;
    let uow = db.unit_of_work();
    let root = uow.insert(NewCategory::new("root"))?;
    for child in ["a", "b"] {
        let child = uow.insert(NewCategory::new(child).parent_id(root))?;
        uow.insert(NewCategory::new("leaf").parent_id(child))?;
    }
    uow.commit().await?;
    let roots = db.repository::<Category>().filter(|c| c.name.eq("root"));
    let tree = roots.view::<Branch>().with(|b| b.children, |c| c.name.ne("b")).one().await?;
    assert_eq!(tree.children.len(), 1);
    assert_eq!((tree.children[0].name.as_str(), tree.children[0].children.len()), ("a", 1));
    Ok(())
}

#[tokio::test]
async fn a_relation_that_is_not_read_is_refused_before_anything_is_sent() -> Result {
    let (_server, db) = pipelines().await?;
    let boards = db.repository::<Pipeline>().view::<Board>();
    let error = boards.with(|b| b.executions, |e| e.execution_number.eq(1)).all().await.unwrap_err();
    assert!(error.to_string().contains("narrow a field of the view"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_narrowed_view_changes_nothing_in_a_unit_of_work() -> Result {
    let (_server, db) = pipelines().await?;
    let uow = db.unit_of_work();
    let boards = narrowed(&uow).all().await?;
    let mut step = boards[0].enabled[&2].clone();
    step.name = "verify".into();
    uow.save(&step)?;
    uow.commit().await?;
    assert_eq!(db.repository::<Step>().filter(|s| s.name.eq("verify")).count().await?, 1);
    assert_eq!(db.repository::<Step>().count().await?, 6);
    Ok(())
}
