//! Finding, writing and deleting rows one by one, against a server.

mod domain;

use std::collections::BTreeMap;

use domain::{
    Execution, ExecutionLog, ExecutionStatus, LogLevel, NewExecution, NewExecutionLog, NewPipeline,
    NewPipelineStep, NewPlugin, NewUserRole, Pipeline, PipelineRepository, PipelineStep, Plugin, PluginType,
    UserRole, database,
};
use persist::prelude::*;
use serde_json::json;
use uuid::Uuid;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

impl PipelineRepository<'_> {
    async fn busiest(&self) -> std::result::Result<Option<Pipeline>, persist::Error> {
        self.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.desc()).first().await
    }
}

#[tokio::test]
async fn inserts_and_answers_what_is_stored() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let variables = BTreeMap::from([("ключ \u{1f980} '\"\\".to_owned(), String::new())]);
    let stored = pipelines.insert(NewPipeline::new("nächtlich", variables.clone())).await?;
    assert_eq!((stored.name.as_str(), stored.description.as_deref(), stored.version), ("nächtlich", None, 1));
    assert_eq!(stored.environment_variables, Json(variables));
    assert!(stored.is_active);
    assert_eq!(stored.id.get_version_num(), 7);
    assert_eq!(pipelines.get(stored.id).await?, stored);
    assert_eq!(pipelines.busiest().await?, Some(stored));
    Ok(())
}

#[tokio::test]
async fn takes_a_key_that_the_caller_made() -> Result {
    let (_server, db) = database().await;
    let id = Uuid::from_u128(7);
    let stored = db.repository::<Pipeline>().insert(NewPipeline::new("a", BTreeMap::new()).id(id)).await?;
    assert_eq!(stored.id, id);
    Ok(())
}

#[tokio::test]
async fn finds_what_is_there() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let missing = Uuid::from_u128(1);
    assert_eq!(pipelines.find(missing).await?, None);
    let error = pipelines.get(missing).await.expect_err("there is none");
    assert!(error.is_not_found(), "{error}");
    let stored = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    assert_eq!(pipelines.find(stored.id).await?.as_ref(), Some(&stored));
    assert_eq!(pipelines.find_by_name("nightly").await?, Some(stored));
    assert_eq!(pipelines.find_by_name(String::from("daily")).await?, None);
    Ok(())
}

#[tokio::test]
async fn finds_many_in_the_order_of_the_keys() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(pipelines.insert(NewPipeline::new(name, BTreeMap::new())).await?.id);
    }
    let asked = [ids[2], Uuid::from_u128(1), ids[0], ids[2]];
    let names: Vec<_> = pipelines.find_many(&asked).await?.into_iter().map(|p| p.name).collect();
    assert_eq!(names, ["c", "a", "c"]);
    assert_eq!(pipelines.find_many(&[]).await?, []);
    let many: Vec<Uuid> = (0..100_000).map(Uuid::from_u128).chain(ids).collect();
    assert_eq!(pipelines.find_many(&many).await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn updates_guarded_by_the_version() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let read = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    let changed = Pipeline { description: Some("changed".to_owned()), ..read.clone() };
    let stored = pipelines.update(&changed).await?;
    assert_eq!((stored.version, stored.description.as_deref()), (2, Some("changed")));
    assert!(stored.updated_at > read.updated_at);
    assert_eq!(stored.created_at, read.created_at);
    let stale = pipelines.update(&read).await.expect_err("the version moved");
    assert!(stale.is_stale(), "{stale}");
    assert_eq!(pipelines.get(read.id).await?, stored, "nothing was written");
    assert!(pipelines.delete(read.id).await?);
    assert!(!pipelines.delete(read.id).await?);
    assert!(pipelines.update(&stored).await.is_err_and(|error| error.is_stale()));
    Ok(())
}

#[tokio::test]
async fn updates_without_a_version() -> Result {
    let (_server, db) = database().await;
    let plugins = db.repository::<Plugin>();
    let read = plugins.insert(NewPlugin::new("csv", "1.0", PluginType::Source)).await?;
    assert_eq!((read.capabilities.len(), &read.configuration), (0, &Json(json!({}))), "the defaults");
    let changed = Plugin { plugin_type: PluginType::Sink, checksum: Some(vec![0xff; 32]), ..read.clone() };
    let stored = plugins.update(&changed).await?;
    assert_eq!((stored.plugin_type, stored.checksum), (PluginType::Sink, Some(vec![0xff; 32])));
    plugins.delete(read.id).await?;
    assert!(plugins.update(&read).await.is_err_and(|error| error.is_not_found()));
    Ok(())
}

#[tokio::test]
async fn upserts_by_each_unique_key() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let first = pipelines.upsert_by_name(NewPipeline::new("nightly", BTreeMap::new())).await?;
    let second =
        pipelines.upsert_by_name(NewPipeline::new("nightly", BTreeMap::new()).description("2")).await?;
    assert_eq!((second.id, second.version, second.description.as_deref()), (first.id, 2, Some("2")));
    let third = pipelines.upsert(NewPipeline::new("weekly", BTreeMap::new()).id(first.id)).await?;
    assert_eq!((third.id, third.version, third.name.as_str()), (first.id, 3, "weekly"));
    assert_eq!(third.description.as_deref(), Some("2"), "what is not given stays");
    let plugins = db.repository::<Plugin>();
    plugins.insert(NewPlugin::new("csv", "1.0", PluginType::Source)).await?;
    let sink = plugins.upsert_by_name_and_version(NewPlugin::new("csv", "1.0", PluginType::Sink)).await?;
    assert_eq!(sink.plugin_type, PluginType::Sink);
    assert_eq!(plugins.find_by_name_and_version("csv", "1.0").await?, Some(sink));
    assert_eq!(plugins.count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn tells_which_constraint_is_violated() -> Result {
    let (_server, db) = database().await;
    let pipelines = db.repository::<Pipeline>();
    let pipeline = pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    let error =
        pipelines.insert(NewPipeline::new("nightly", BTreeMap::new())).await.expect_err("it is taken");
    assert!(error.is_unique_violation() && error.violates(Pipeline::UNIQUE_NAME), "{error}");
    assert_eq!((error.constraint(), error.table()), (Some("pipelines_name_key"), Some("pipelines")));
    assert!(!format!("{error} {error:?}").contains("nightly"), "{error:?}");
    let steps = db.repository::<PipelineStep>();
    let error =
        steps.insert(NewPipelineStep::new(Uuid::from_u128(1), "a")).await.expect_err("no such pipeline");
    assert!(error.is_foreign_key_violation(), "{error}");
    let step = steps.insert(NewPipelineStep::new(pipeline.id, "a")).await?;
    let error =
        steps.update(&PipelineStep { depends_on: Some(step.id), ..step }).await.expect_err("of itself");
    assert!(error.is_check_violation(), "{error}");
    Ok(())
}

#[tokio::test]
async fn nests_only_in_a_parent() -> Result {
    let (_server, db) = database().await;
    let steps = db.repository::<PipelineStep>();
    let error = steps.insert(NewPipelineStep::new(Parent, "a")).await.expect_err("there is no parent");
    assert!(
        error.is_invalid_query() && error.to_string().contains("`pipeline_steps.pipeline_id`"),
        "{error}"
    );
    Ok(())
}

#[tokio::test]
async fn handles_enums_and_keys_of_the_database() -> Result {
    let (_server, db) = database().await;
    let pipeline = db.repository::<Pipeline>().insert(NewPipeline::new("nightly", BTreeMap::new())).await?;
    let executions = db.repository::<Execution>();
    let new = NewExecution::new(pipeline.id, 1).status(ExecutionStatus::Failed).output(json!({"n": 1}));
    let execution = executions.insert(new).await?;
    assert_eq!(execution.status, ExecutionStatus::Failed);
    assert_eq!(execution.output, Some(Json(json!({"n": 1}))));
    assert_eq!(executions.find(execution.id).await?.as_ref(), Some(&execution));
    let logs = db.repository::<ExecutionLog>();
    let first = logs.insert(NewExecutionLog::new(execution.id, "a").level(LogLevel::Warn)).await?;
    let second = logs.insert(NewExecutionLog::new(execution.id, "b")).await?;
    assert!(second.id > first.id);
    assert_eq!((first.level, second.level), (LogLevel::Warn, LogLevel::Info));
    Ok(())
}

#[tokio::test]
async fn handles_composite_keys() -> Result {
    let (server, db) = database().await;
    let (user, role) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let client = server.client().await;
    client.execute("INSERT INTO users (id, email, display_name) VALUES ($1, 'a@b', 'A')", &[&user]).await?;
    client.execute("INSERT INTO roles (id, name) VALUES ($1, 'admin')", &[&role]).await?;
    let roles = db.repository::<UserRole>();
    let link = roles.insert(NewUserRole::new(user, role)).await?;
    assert_eq!(roles.find((user, role)).await?.as_ref(), Some(&link));
    assert_eq!(roles.find_many(&[(role, user), (user, role)]).await?, std::slice::from_ref(&link));
    let granted = roles.update(&UserRole { granted_by: Some(user), ..link }).await?;
    assert_eq!(granted.granted_by, Some(user));
    assert_eq!(roles.upsert(NewUserRole::new(user, role)).await?, granted, "nothing but the key is given");
    assert!(roles.delete((user, role)).await?);
    Ok(())
}

#[tokio::test]
async fn works_from_state_tasks_and_generic_code() -> Result {
    async fn load<E: persist::Entity>(db: &Database, key: E::Key) -> std::result::Result<E, persist::Error> {
        db.repository::<E>().get(key).await
    }
    let (_server, db) = database().await;
    let shared: PipelineRepository<'static> = db.shared_repository::<Pipeline>();
    let stored =
        tokio::spawn(async move { shared.insert(NewPipeline::new("a", BTreeMap::new())).await }).await??;
    assert_eq!(load::<Pipeline>(&db, stored.id).await?, stored);
    Ok(())
}

#[tokio::test]
async fn runs_sql_that_nothing_checks() -> Result {
    use persist::Sql;
    let (_server, db) = database().await;
    let names = ["a", "b"].map(str::to_owned).to_vec();
    for name in &names {
        db.repository::<Pipeline>().insert(NewPipeline::new(name, BTreeMap::new())).await?;
    }
    let text = "SELECT name, version, description FROM pipelines WHERE name = ANY($1) ORDER BY name";
    let rows: Vec<(String, i64, Option<String>)> = Sql::unchecked(text).bind(names).all(&db).await?;
    assert_eq!(rows, [("a".to_owned(), 1, None), ("b".to_owned(), 1, None)]);
    let count: i64 = Sql::unchecked("SELECT count(*) FROM pipelines").one(&db).await?;
    assert_eq!(count, 2);
    assert_eq!(
        Sql::unchecked("DELETE FROM pipelines WHERE name = $1").bind("a".to_owned()).execute(&db).await?,
        1
    );
    let wrong = Sql::unchecked("SELECT name FROM pipelines").all::<i32>(&db).await.expect_err("it is text");
    assert!(wrong.to_string().contains("`name` is `text`"), "{wrong}");
    let null =
        Sql::unchecked("SELECT description FROM pipelines").all::<String>(&db).await.expect_err("NULL");
    assert!(null.to_string().contains("`description`"), "{null}");
    for outliving in ["BEGIN", "  set search_path = x", "-- why\nListen x", "START TRANSACTION"] {
        let refused = Sql::unchecked(outliving).execute(&db).await.expect_err("it would outlive the call");
        assert!(refused.is_invalid_query(), "{refused}");
    }
    let document = Sql::unchecked(r#"SELECT '{"name": "secret"}'::jsonb"#);
    let wrong = document.one::<Json<BTreeMap<String, i32>>>(&db).await.expect_err("it is no number");
    assert!(wrong.is_decode() && !format!("{wrong:?}").contains("secret"), "{wrong:?}");
    let syntax = Sql::unchecked("SELEC 1").execute(&db).await.expect_err("a mistake");
    assert_eq!(syntax.code(), Some("42601"));
    Ok(())
}
