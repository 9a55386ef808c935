//! Toasty: `include` for each relation.

use std::mem::take;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Value;
use toasty::{Db, Deferred, Embed, Model};
use uuid::Uuid;

use super::loader::Loader;
use super::shapes::WithLatest;
use crate::error::Error;
use crate::load::{PAGE_SIZE, Page};

/// A database with its pool.
pub struct Toasty(Db);

impl Loader for Toasty {
    async fn connect(url: &str) -> Result<Self, Error> {
        let mut builder = Db::builder();
        builder.models(toasty::models!(Pipeline, Step, Execution, Log)).max_pool_size(4);
        Ok(Toasty(builder.connect(&with_folder_in_query(url)).await?))
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = Pipeline::filter(Pipeline::fields().is_active().eq(true))
            .order_by(Pipeline::fields().name().asc())
            .include(Pipeline::fields().steps().order_by(Step::fields().position().asc()))
            .include(Pipeline::fields().executions().order_by(Execution::fields().execution_number().asc()));
        Ok(pipelines.exec(&mut self.0.clone()).await?)
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = Pipeline::filter(Pipeline::fields().is_active().eq(true))
            .order_by(Pipeline::fields().name().asc())
            .include(Pipeline::fields().executions().order_by(Execution::fields().execution_number().asc()))
            .include(Pipeline::fields().executions().logs().order_by(Log::fields().id().asc()));
        Ok(pipelines.exec(&mut self.0.clone()).await?)
    }

    /// It has no limit per parent: all executions are loaded, and all but three thrown away.
    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let latest_first = Execution::fields().execution_number().desc();
        let pipelines = Pipeline::filter(Pipeline::fields().is_active().eq(true))
            .order_by(Pipeline::fields().name().asc())
            .include(Pipeline::fields().executions().order_by(latest_first));
        let with = |mut pipeline: Pipeline| {
            let mut latest = take(&mut pipeline.executions).into_inner();
            latest.truncate(3);
            WithLatest { pipeline, latest }
        };
        Ok(pipelines.exec(&mut self.0.clone()).await?.into_iter().map(with).collect())
    }

    /// A batch of the two fails: it answers a list where the total should be.
    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let active = || Pipeline::filter(Pipeline::fields().is_active().eq(true));
        let items = active().order_by(Pipeline::fields().name().asc()).limit(PAGE_SIZE);
        let items = items.exec(&mut self.0.clone()).await?;
        let total: u64 = active().count().exec(&mut self.0.clone()).await?;
        Ok(Page { items, total: total.try_into()? })
    }
}

#[derive(Debug, Serialize, Model)]
#[table = "pipelines"]
struct Pipeline {
    #[key]
    id: Uuid,
    name: String,
    description: Option<String>,
    #[column(type = jsonb)]
    environment_variables: Value,
    is_active: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[has_many]
    #[serde(skip_serializing_if = "Deferred::is_unloaded", serialize_with = "loaded")]
    steps: Deferred<Vec<Step>>,
    #[has_many]
    #[serde(skip_serializing_if = "Deferred::is_unloaded", serialize_with = "loaded")]
    executions: Deferred<Vec<Execution>>,
}

#[derive(Debug, Serialize, Model)]
#[table = "pipeline_steps"]
struct Step {
    #[key]
    id: Uuid,
    #[index]
    pipeline_id: Uuid,
    #[belongs_to(key = pipeline_id, references = id)]
    #[serde(skip)]
    pipeline: Deferred<Pipeline>,
    position: i32,
    name: String,
    enabled: bool,
    depends_on: Option<Uuid>,
    plugin_id: Option<Uuid>,
    #[column(type = jsonb)]
    settings: Value,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Serialize, Model)]
#[table = "pipeline_executions"]
struct Execution {
    #[key]
    id: Uuid,
    #[index]
    pipeline_id: Uuid,
    #[belongs_to(key = pipeline_id, references = id)]
    #[serde(skip)]
    pipeline: Deferred<Pipeline>,
    execution_number: i32,
    status: Status,
    #[column(type = jsonb)]
    input: Value,
    #[column(type = jsonb)]
    output: Option<Value>,
    error_message: Option<String>,
    #[column(type = numeric(12, 4))]
    cost: Decimal,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[has_many]
    #[serde(skip_serializing_if = "Deferred::is_unloaded", serialize_with = "loaded")]
    logs: Deferred<Vec<Log>>,
}

#[derive(Debug, Serialize, Model)]
#[table = "execution_logs"]
struct Log {
    #[key]
    id: i64,
    #[index]
    execution_id: Uuid,
    #[belongs_to(key = execution_id, references = id)]
    #[serde(skip)]
    execution: Deferred<Execution>,
    step_id: Option<Uuid>,
    level: Level,
    message: String,
    logged_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Embed)]
#[column(type = enum("execution_status"))]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Embed)]
#[column(type = enum("log_level"))]
#[serde(rename_all = "snake_case")]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

fn loaded<T: Serialize, S: Serializer>(relation: &Deferred<T>, serializer: S) -> Result<S::Ok, S::Error> {
    relation.get().serialize(serializer)
}

/// The folder of a Unix socket is understood only in the query of the URL.
pub fn with_folder_in_query(url: &str) -> String {
    let parts = url.strip_prefix("postgresql://").and_then(|rest| {
        let (user, rest) = rest.split_once("@%2F")?;
        Some((user, rest.split_once('/')?))
    });
    match parts {
        Some((user, (folder, database))) => {
            format!("postgresql:///{database}?user={user}&host=%2F{folder}")
        }
        None => url.to_owned(),
    }
}
