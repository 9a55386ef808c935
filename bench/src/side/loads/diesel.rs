//! diesel-async: typed tables, `belonging_to` and `grouped_by`; queries that do not depend on each other in
//! one pipeline.

use std::io::Write as _;

use chrono::{DateTime, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use futures_util::future::try_join;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::loader::Loader;
use super::shapes::{WithBoth, WithExecutions, WithLatest, WithLogs};
use crate::error::Error;
use crate::load::Page;

/// One connection: a reference to it is what pipelines.
pub struct Diesel(AsyncPgConnection);

/// The query builder knows no LATERAL.
const LATEST: &str = "\
SELECT e.* FROM unnest($1) AS p (id) CROSS JOIN LATERAL \
(SELECT id, pipeline_id, execution_number, status, input, output, error_message, cost, started_at, finished_at, version, \
 created_at, updated_at \
 FROM pipeline_executions WHERE pipeline_id = p.id ORDER BY execution_number DESC LIMIT 3) e \
ORDER BY e.pipeline_id, e.execution_number DESC";

impl Loader for Diesel {
    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Diesel(AsyncPgConnection::establish(url).await?))
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let steps = Step::belonging_to(&pipelines).order_by(steps::position).select(Step::as_select());
        let executions = Execution::belonging_to(&pipelines)
            .order_by(executions::execution_number)
            .select(Execution::as_select());
        let mut connections = (&self.0, &self.0);
        let (steps, executions) = try_join(
            steps.load::<Step>(&mut connections.0),
            executions.load::<Execution>(&mut connections.1),
        )
        .await?;
        let (steps, executions) = (steps.grouped_by(&pipelines), executions.grouped_by(&pipelines));
        let children = steps.into_iter().zip(executions);
        let with = |(pipeline, (steps, executions))| WithBoth { pipeline, steps, executions };
        Ok(pipelines.into_iter().zip(children).map(with).collect())
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let executions = Execution::belonging_to(&pipelines)
            .order_by(executions::execution_number)
            .select(Execution::as_select())
            .load(&mut &self.0)
            .await?;
        let logs = Log::belonging_to(&executions)
            .order_by(logs::id)
            .select(Log::as_select())
            .load(&mut &self.0)
            .await?
            .grouped_by(&executions);
        let executions = executions.into_iter().zip(logs).grouped_by(&pipelines);
        let with = |(execution, logs)| WithLogs { execution, logs };
        let with = |(pipeline, executions): (Pipeline, Vec<_>)| WithExecutions {
            pipeline,
            executions: executions.into_iter().map(with).collect(),
        };
        Ok(pipelines.into_iter().zip(executions).map(with).collect())
    }

    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let pipelines = self.pipelines().await?;
        let keys: Vec<Uuid> = pipelines.iter().map(|pipeline| pipeline.id).collect();
        let latest: Vec<Execution> = diesel::sql_query(LATEST)
            .bind::<sql_types::Array<sql_types::Uuid>, _>(keys)
            .load(&mut &self.0)
            .await?;
        let latest = latest.grouped_by(&pipelines);
        let with = |(pipeline, latest)| WithLatest { pipeline, latest };
        Ok(pipelines.into_iter().zip(latest).map(with).collect())
    }

    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let active = pipelines::table.filter(pipelines::is_active.eq(true));
        let items = active.order_by(pipelines::name).limit(20).select(Pipeline::as_select());
        let total = active.count();
        let mut connections = (&self.0, &self.0);
        let (items, total) =
            try_join(items.load(&mut connections.0), total.get_result(&mut connections.1)).await?;
        Ok(Page { items, total })
    }
}

impl Diesel {
    async fn pipelines(&self) -> QueryResult<Vec<Pipeline>> {
        pipelines::table
            .filter(pipelines::is_active.eq(true))
            .order_by(pipelines::name)
            .select(Pipeline::as_select())
            .load(&mut &self.0)
            .await
    }
}

diesel::table! {
    pipelines (id) {
        id -> Uuid,
        name -> Text,
        description -> Nullable<Text>,
        environment_variables -> Jsonb,
        is_active -> Bool,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        owner_id -> Nullable<Uuid>,
        category_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    #[sql_name = "pipeline_steps"]
    steps (id) {
        id -> Uuid,
        pipeline_id -> Uuid,
        position -> Int4,
        name -> Text,
        enabled -> Bool,
        depends_on -> Nullable<Uuid>,
        plugin_id -> Nullable<Uuid>,
        settings -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    #[sql_name = "pipeline_executions"]
    executions (id) {
        id -> Uuid,
        pipeline_id -> Uuid,
        execution_number -> Int4,
        status -> crate::side::loads::diesel::ExecutionStatus,
        input -> Jsonb,
        output -> Nullable<Jsonb>,
        error_message -> Nullable<Text>,
        cost -> Numeric,
        started_at -> Nullable<Timestamptz>,
        finished_at -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    #[sql_name = "execution_logs"]
    logs (id) {
        id -> Int8,
        execution_id -> Uuid,
        step_id -> Nullable<Uuid>,
        level -> crate::side::loads::diesel::LogLevel,
        message -> Text,
        logged_at -> Timestamptz,
    }
}

#[derive(Debug, Serialize, Identifiable, Queryable, Selectable)]
#[diesel(table_name = pipelines)]
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

#[derive(Debug, Serialize, Identifiable, Associations, Queryable, Selectable)]
#[diesel(table_name = steps, belongs_to(Pipeline))]
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

#[derive(Debug, Serialize, Identifiable, Associations, Queryable, QueryableByName, Selectable)]
#[diesel(table_name = executions, belongs_to(Pipeline))]
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

#[derive(Debug, Serialize, Identifiable, Associations, Queryable, Selectable)]
#[diesel(table_name = logs, belongs_to(Execution))]
struct Log {
    id: i64,
    execution_id: Uuid,
    step_id: Option<Uuid>,
    level: Level,
    message: String,
    logged_at: DateTime<Utc>,
}

#[derive(sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "execution_status"))]
pub struct ExecutionStatus;

#[derive(Debug, Clone, Copy, Serialize, FromSqlRow, AsExpression)]
#[diesel(sql_type = ExecutionStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl ToSql<ExecutionStatus, Pg> for Status {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(match self {
            Status::Pending => b"pending",
            Status::Running => b"running",
            Status::Succeeded => b"succeeded",
            Status::Failed => b"failed",
            Status::Cancelled => b"cancelled",
        })?;
        Ok(IsNull::No)
    }
}

impl FromSql<ExecutionStatus, Pg> for Status {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            b"pending" => Ok(Status::Pending),
            b"running" => Ok(Status::Running),
            b"succeeded" => Ok(Status::Succeeded),
            b"failed" => Ok(Status::Failed),
            b"cancelled" => Ok(Status::Cancelled),
            _ => Err("unknown status".into()),
        }
    }
}

#[derive(sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(name = "log_level"))]
pub struct LogLevel;

#[derive(Debug, Clone, Copy, Serialize, FromSqlRow, AsExpression)]
#[diesel(sql_type = LogLevel)]
#[serde(rename_all = "snake_case")]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl FromSql<LogLevel, Pg> for Level {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            b"debug" => Ok(Level::Debug),
            b"info" => Ok(Level::Info),
            b"warn" => Ok(Level::Warn),
            b"error" => Ok(Level::Error),
            _ => Err("unknown level".into()),
        }
    }
}
