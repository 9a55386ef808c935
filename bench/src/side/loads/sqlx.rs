//! sqlx: no pipelines, so one statement after the other on one connection; the total comes with the page's
//! rows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use sqlx::postgres::{PgConnection, PgPoolOptions, PgRow};
use sqlx::{FromRow, PgPool, Type};
use uuid::Uuid;

use super::loader::Loader;
use super::shapes::{WithBoth, WithExecutions, WithLatest, WithLogs};
use crate::error::Error;
use crate::load::Page;

/// A pool that does not ask each connection whether it is alive.
pub struct Sqlx(PgPool);

macro_rules! pipeline_columns {
    () => {
        "id, name, description, environment_variables, is_active, version, created_at, updated_at, owner_id, category_id"
    };
}

macro_rules! execution_columns {
    () => {
        "e.id, e.pipeline_id, e.execution_number, e.status, e.input, e.output, e.error_message, e.cost, e.started_at, \
         e.finished_at, e.version, e.created_at, e.updated_at"
    };
}

const PIPELINES: &str =
    concat!("SELECT ", pipeline_columns!(), " FROM pipelines WHERE is_active = $1 ORDER BY name");
const STEPS: &str = "SELECT * FROM pipeline_steps WHERE pipeline_id = ANY($1) ORDER BY pipeline_id, position";
const EXECUTIONS: &str = concat!(
    "SELECT ",
    execution_columns!(),
    " FROM pipeline_executions e WHERE pipeline_id = ANY($1) ORDER BY pipeline_id, execution_number"
);
const LOGS: &str = "SELECT * FROM execution_logs WHERE execution_id = ANY($1) ORDER BY execution_id, id";
const LATEST: &str = concat!(
    "SELECT ",
    execution_columns!(),
    " FROM unnest($1) AS p (id) CROSS JOIN LATERAL \
     (SELECT * FROM pipeline_executions WHERE pipeline_id = p.id ORDER BY execution_number DESC LIMIT 3) e \
     ORDER BY e.pipeline_id, e.execution_number DESC"
);
const PAGE: &str = concat!(
    "SELECT ",
    pipeline_columns!(),
    ", count(*) OVER () AS total FROM pipelines WHERE is_active = $1 ORDER BY name LIMIT 20"
);

impl Loader for Sqlx {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Sqlx(PgPoolOptions::new().max_connections(4).test_before_acquire(false).connect(url).await?))
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let mut connection = self.0.acquire().await?;
        let pipelines = pipelines(&mut connection).await?;
        let keys = keys(&pipelines, |pipeline| pipeline.id);
        let mut steps = group(children(&mut connection, STEPS, &keys).await?, |step: &Step| step.pipeline_id);
        let executions = children(&mut connection, EXECUTIONS, &keys).await?;
        let mut executions = group(executions, |execution: &Execution| execution.pipeline_id);
        let with = |pipeline: Pipeline| WithBoth {
            steps: steps.remove(&pipeline.id).unwrap_or_default(),
            executions: executions.remove(&pipeline.id).unwrap_or_default(),
            pipeline,
        };
        Ok(pipelines.into_iter().map(with).collect())
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let mut connection = self.0.acquire().await?;
        let pipelines = pipelines(&mut connection).await?;
        let pipeline_keys = keys(&pipelines, |pipeline| pipeline.id);
        let executions: Vec<Execution> = children(&mut connection, EXECUTIONS, &pipeline_keys).await?;
        let execution_keys = keys(&executions, |execution| execution.id);
        let logs = children(&mut connection, LOGS, &execution_keys).await?;
        let mut logs = group(logs, |log: &Log| log.execution_id);
        let with = |execution: Execution| WithLogs {
            logs: logs.remove(&execution.id).unwrap_or_default(),
            execution,
        };
        let executions = executions.into_iter().map(with).collect();
        let mut executions = group(executions, |with: &WithLogs<Execution, Log>| with.execution.pipeline_id);
        let with = |pipeline: Pipeline| WithExecutions {
            executions: executions.remove(&pipeline.id).unwrap_or_default(),
            pipeline,
        };
        Ok(pipelines.into_iter().map(with).collect())
    }

    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let mut connection = self.0.acquire().await?;
        let pipelines = pipelines(&mut connection).await?;
        let latest = children(&mut connection, LATEST, &keys(&pipelines, |pipeline| pipeline.id)).await?;
        let mut latest = group(latest, |execution: &Execution| execution.pipeline_id);
        let with = |pipeline: Pipeline| WithLatest {
            latest: latest.remove(&pipeline.id).unwrap_or_default(),
            pipeline,
        };
        Ok(pipelines.into_iter().map(with).collect())
    }

    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let rows: Vec<PipelineOfAll> = sqlx::query_as(PAGE).bind(true).fetch_all(&self.0).await?;
        let total = rows.first().map_or(0, |row| row.total);
        Ok(Page { items: rows.into_iter().map(|row| row.pipeline).collect(), total })
    }
}

async fn pipelines(connection: &mut PgConnection) -> Result<Vec<Pipeline>, Error> {
    Ok(sqlx::query_as(PIPELINES).bind(true).fetch_all(connection).await?)
}

async fn children<C>(
    connection: &mut PgConnection,
    sql: &'static str,
    parents: &[Uuid],
) -> Result<Vec<C>, Error>
where
    C: for<'r> FromRow<'r, PgRow> + Send + Unpin,
{
    Ok(sqlx::query_as(sql).bind(parents).fetch_all(connection).await?)
}

fn keys<P>(parents: &[P], key: fn(&P) -> Uuid) -> Vec<Uuid> {
    parents.iter().map(key).collect()
}

fn group<C>(children: Vec<C>, foreign_key: fn(&C) -> Uuid) -> HashMap<Uuid, Vec<C>> {
    let mut groups: HashMap<Uuid, Vec<C>> = HashMap::new();
    for child in children {
        groups.entry(foreign_key(&child)).or_default().push(child);
    }
    groups
}

#[derive(Debug, FromRow)]
struct PipelineOfAll {
    #[sqlx(flatten)]
    pipeline: Pipeline,
    total: i64,
}

#[derive(Debug, Serialize, FromRow)]
struct Pipeline {
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Value,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
}

#[derive(Debug, Serialize, FromRow)]
struct Step {
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
    depends_on: Option<Uuid>,
    plugin_id: Option<Uuid>,
    settings: Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, FromRow)]
struct Execution {
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    input: Value,
    output: Option<Value>,
    error_message: Option<String>,
    cost: Decimal,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, FromRow)]
struct Log {
    id: i64,
    execution_id: Uuid,
    step_id: Option<Uuid>,
    level: Level,
    message: String,
    logged_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "execution_status", rename_all = "snake_case")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "log_level", rename_all = "snake_case")]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
