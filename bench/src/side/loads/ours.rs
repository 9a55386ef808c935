//! persist, as its users write it: a struct for each shape.

use chrono::{DateTime, Utc};
use persist::prelude::*;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::loader::Loader;
use crate::error::Error;
use crate::load::{PAGE_SIZE, Page};

/// A database with its pool: each load takes a connection from it.
pub struct Ours(Database);

impl Loader for Ours {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Ours(Database::builder().url(url).pool_size(4).connect().await?))
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.0.repository::<PipelineWithBoth>();
        Ok(pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.asc()).all().await?)
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.0.repository::<PipelineWithExecutions>();
        Ok(pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.asc()).all().await?)
    }

    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.0.repository::<PipelineWithLatest>();
        Ok(pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.asc()).all().await?)
    }

    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let pipelines = self.0.repository::<Pipeline>();
        let active = pipelines.filter(|p| p.is_active.eq(true)).order_by(|p| p.name.asc());
        let page = active.page(PageRequest::first(PAGE_SIZE.try_into()?).with_total()).await?;
        Ok(Page { items: page.items, total: page.total.ok_or("a page without its total")? })
    }
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipelines")]
struct Pipeline {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipelines")]
struct PipelineWithBoth {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[persist(has_many, order_by = "position")]
    steps: Vec<PipelineStep>,
    #[persist(has_many, order_by = "execution_number")]
    executions: Vec<PipelineExecution>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipelines")]
struct PipelineWithExecutions {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[persist(has_many(table = "pipeline_executions"), order_by = "execution_number")]
    executions: Vec<ExecutionWithLogs>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipelines")]
struct PipelineWithLatest {
    #[persist(id)]
    id: Uuid,
    name: String,
    description: Option<String>,
    environment_variables: Json<Value>,
    is_active: bool,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    owner_id: Option<Uuid>,
    category_id: Option<Uuid>,
    #[persist(has_many, order_by = "execution_number desc", limit = 3)]
    latest: Vec<PipelineExecution>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipeline_steps")]
struct PipelineStep {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    position: i32,
    name: String,
    enabled: bool,
    depends_on: Option<Uuid>,
    plugin_id: Option<Uuid>,
    settings: Json<Value>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipeline_executions")]
struct PipelineExecution {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    input: Json<Value>,
    output: Option<Json<Value>>,
    error_message: Option<String>,
    cost: Decimal,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "pipeline_executions")]
struct ExecutionWithLogs {
    #[persist(id)]
    id: Uuid,
    pipeline_id: Uuid,
    execution_number: i32,
    status: Status,
    input: Json<Value>,
    output: Option<Json<Value>>,
    error_message: Option<String>,
    cost: Decimal,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[persist(has_many, order_by = "id")]
    logs: Vec<ExecutionLog>,
}

#[derive(Debug, Serialize, Repository)]
#[persist(table = "execution_logs")]
struct ExecutionLog {
    #[persist(id)]
    id: i64,
    execution_id: Uuid,
    step_id: Option<Uuid>,
    level: Level,
    message: String,
    logged_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[persist(type = "execution_status")]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[persist(type = "log_level")]
#[serde(rename_all = "snake_case")]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}
