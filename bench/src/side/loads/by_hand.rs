//! tokio-postgres as an expert writes it: prepared once, read by index, streamed into structs, all statements
//! in one pipeline.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::future::{join, join3};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use super::loader::Loader;
use super::shapes::{WithBoth, WithExecutions, WithLatest, WithLogs};
use crate::error::Error;
use crate::load::Page;

/// One connection with its statements; with `SNAPSHOT` all that one load reads is of one moment.
pub struct ByHand<const SNAPSHOT: bool> {
    client: Client,
    pipelines: Statement,
    steps: Statement,
    executions: Statement,
    logs: Statement,
    latest: Statement,
    page: Statement,
    total: Statement,
}

macro_rules! pipeline_columns {
    () => {
        "id, name, description, environment_variables, is_active, version, created_at, updated_at, owner_id, category_id"
    };
}

/// The enum as text: else the driver asks the server for its type, several round trips on each connection.
macro_rules! execution_columns {
    () => {
        "e.id, e.pipeline_id, e.execution_number, e.status::text, e.input, e.output, e.error_message, e.cost, e.started_at, \
         e.finished_at, e.version, e.created_at, e.updated_at"
    };
}

/// The sub-select as an array, which lets the server use the children's index whatever the number of parents.
macro_rules! of_active_pipelines {
    () => {
        "pipeline_id = ANY(ARRAY(SELECT id FROM pipelines WHERE is_active = $1))"
    };
}

const PIPELINES: &str =
    concat!("SELECT ", pipeline_columns!(), " FROM pipelines WHERE is_active = $1 ORDER BY name");
const STEPS: &str = concat!(
    "SELECT id, pipeline_id, position, name, enabled, depends_on, plugin_id, settings, created_at, updated_at \
     FROM pipeline_steps WHERE ",
    of_active_pipelines!(),
    " ORDER BY pipeline_id, position"
);
const EXECUTIONS: &str = concat!(
    "SELECT ",
    execution_columns!(),
    " FROM pipeline_executions e WHERE ",
    of_active_pipelines!(),
    " ORDER BY pipeline_id, execution_number"
);
const LOGS: &str = concat!(
    "SELECT id, execution_id, step_id, level::text, message, logged_at FROM execution_logs \
     WHERE execution_id = ANY(ARRAY(SELECT id FROM pipeline_executions WHERE ",
    of_active_pipelines!(),
    ")) ORDER BY execution_id, id"
);
const LATEST: &str = concat!(
    "SELECT ",
    execution_columns!(),
    " FROM unnest(ARRAY(SELECT id FROM pipelines WHERE is_active = $1)) AS p (id) CROSS JOIN LATERAL \
     (SELECT * FROM pipeline_executions WHERE pipeline_id = p.id ORDER BY execution_number DESC LIMIT 3) e \
     ORDER BY e.pipeline_id, e.execution_number DESC"
);
const PAGE: &str =
    concat!("SELECT ", pipeline_columns!(), " FROM pipelines WHERE is_active = $1 ORDER BY name LIMIT 20");
const TOTAL: &str = "SELECT count(*) FROM pipelines WHERE is_active = $1";

impl<const SNAPSHOT: bool> Loader for ByHand<SNAPSHOT> {
    async fn connect(url: &str) -> Result<Self, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(ByHand {
            pipelines: client.prepare(PIPELINES).await?,
            steps: client.prepare(STEPS).await?,
            executions: client.prepare(EXECUTIONS).await?,
            logs: client.prepare(LOGS).await?,
            latest: client.prepare(LATEST).await?,
            page: client.prepare(PAGE).await?,
            total: client.prepare(TOTAL).await?,
            client,
        })
    }

    async fn two_relations(&self) -> Result<Vec<impl Serialize>, Error> {
        let (pipelines, steps, executions) = self
            .flight(join3(
                self.read(&self.pipelines, Pipeline::from_row),
                self.read(&self.steps, Step::from_row),
                self.read(&self.executions, Execution::from_row),
            ))
            .await?;
        let with = |pipeline| WithBoth { pipeline, steps: Vec::new(), executions: Vec::new() };
        let mut pipelines: Vec<_> = pipelines?.into_iter().map(with).collect();
        give(steps?, &mut pipelines, |step| step.pipeline_id, |p| p.pipeline.id, |p| &mut p.steps)?;
        give(executions?, &mut pipelines, |e| e.pipeline_id, |p| p.pipeline.id, |p| &mut p.executions)?;
        Ok(pipelines)
    }

    async fn two_levels(&self) -> Result<Vec<impl Serialize>, Error> {
        let (pipelines, executions, logs) = self
            .flight(join3(
                self.read(&self.pipelines, Pipeline::from_row),
                self.read(&self.executions, Execution::from_row),
                self.read(&self.logs, Log::from_row),
            ))
            .await?;
        let with = |execution| WithLogs { execution, logs: Vec::new() };
        let mut executions: Vec<_> = executions?.into_iter().map(with).collect();
        give(logs?, &mut executions, |log| log.execution_id, |e| e.execution.id, |e| &mut e.logs)?;
        let with = |pipeline| WithExecutions { pipeline, executions: Vec::new() };
        let mut pipelines: Vec<_> = pipelines?.into_iter().map(with).collect();
        let key = |e: &WithLogs<Execution, Log>| e.execution.pipeline_id;
        give(executions, &mut pipelines, key, |p| p.pipeline.id, |p| &mut p.executions)?;
        Ok(pipelines)
    }

    async fn latest(&self) -> Result<Vec<impl Serialize>, Error> {
        let (pipelines, latest) = self
            .flight(join(
                self.read(&self.pipelines, Pipeline::from_row),
                self.read(&self.latest, Execution::from_row),
            ))
            .await?;
        let with = |pipeline| WithLatest { pipeline, latest: Vec::new() };
        let mut pipelines: Vec<_> = pipelines?.into_iter().map(with).collect();
        give(latest?, &mut pipelines, |e| e.pipeline_id, |p| p.pipeline.id, |p| &mut p.latest)?;
        Ok(pipelines)
    }

    async fn page(&self) -> Result<Page<impl Serialize>, Error> {
        let (items, total) = self
            .flight(join(
                self.read(&self.page, Pipeline::from_row),
                self.client.query_one(&self.total, &[&true]),
            ))
            .await?;
        Ok(Page { items: items?, total: total?.try_get(0)? })
    }
}

impl<const SNAPSHOT: bool> ByHand<SNAPSHOT> {
    /// All statements of the work leave before the first is answered, and BEGIN and COMMIT with them.
    async fn flight<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        if !SNAPSHOT {
            return Ok(work.await);
        }
        let begin = self.client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        // `join3` polls them in this order, and in the order of the first polls they are sent.
        let (begun, result, committed) = join3(begin, work, self.client.batch_execute("COMMIT")).await;
        begun?;
        committed?;
        Ok(result)
    }

    async fn read<T>(
        &self,
        statement: &Statement,
        decode: fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut rows = std::pin::pin!(self.client.query_raw(statement, [true]).await?);
        let mut read = Vec::new();
        while let Some(row) = rows.try_next().await? {
            read.push(decode(&row)?);
        }
        Ok(read)
    }
}

/// Hands children to their parents. The children come sorted by parent, so each parent is looked up once.
fn give<C, P>(
    children: Vec<C>,
    parents: &mut [P],
    foreign_key: impl Fn(&C) -> Uuid,
    key: impl Fn(&P) -> Uuid,
    place: impl Fn(&mut P) -> &mut Vec<C>,
) -> Result<(), Error> {
    let by_key: std::collections::HashMap<Uuid, usize> =
        parents.iter().enumerate().map(|(index, parent)| (key(parent), index)).collect();
    let mut current = None;
    for child in children {
        let wanted = foreign_key(&child);
        let index = match current {
            Some((key, index)) if key == wanted => index,
            _ => *by_key.get(&wanted).ok_or("a child without its parent")?,
        };
        current = Some((wanted, index));
        place(&mut parents[index]).push(child);
    }
    Ok(())
}

#[derive(Debug, Serialize)]
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

impl Pipeline {
    fn from_row(row: &Row) -> Result<Pipeline, Error> {
        Ok(Pipeline {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            description: row.try_get(2)?,
            environment_variables: row.try_get(3)?,
            is_active: row.try_get(4)?,
            version: row.try_get(5)?,
            created_at: row.try_get(6)?,
            updated_at: row.try_get(7)?,
            owner_id: row.try_get(8)?,
            category_id: row.try_get(9)?,
        })
    }
}

#[derive(Debug, Serialize)]
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

impl Step {
    fn from_row(row: &Row) -> Result<Step, Error> {
        Ok(Step {
            id: row.try_get(0)?,
            pipeline_id: row.try_get(1)?,
            position: row.try_get(2)?,
            name: row.try_get(3)?,
            enabled: row.try_get(4)?,
            depends_on: row.try_get(5)?,
            plugin_id: row.try_get(6)?,
            settings: row.try_get(7)?,
            created_at: row.try_get(8)?,
            updated_at: row.try_get(9)?,
        })
    }
}

#[derive(Debug, Serialize)]
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

impl Execution {
    fn from_row(row: &Row) -> Result<Execution, Error> {
        Ok(Execution {
            id: row.try_get(0)?,
            pipeline_id: row.try_get(1)?,
            execution_number: row.try_get(2)?,
            status: Status::from_label(row.try_get(3)?)?,
            input: row.try_get(4)?,
            output: row.try_get(5)?,
            error_message: row.try_get(6)?,
            cost: row.try_get(7)?,
            started_at: row.try_get(8)?,
            finished_at: row.try_get(9)?,
            version: row.try_get(10)?,
            created_at: row.try_get(11)?,
            updated_at: row.try_get(12)?,
        })
    }
}

#[derive(Debug, Serialize)]
struct Log {
    id: i64,
    execution_id: Uuid,
    step_id: Option<Uuid>,
    level: Level,
    message: String,
    logged_at: DateTime<Utc>,
}

impl Log {
    fn from_row(row: &Row) -> Result<Log, Error> {
        Ok(Log {
            id: row.try_get(0)?,
            execution_id: row.try_get(1)?,
            step_id: row.try_get(2)?,
            level: Level::from_label(row.try_get(3)?)?,
            message: row.try_get(4)?,
            logged_at: row.try_get(5)?,
        })
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl Status {
    fn from_label(label: &str) -> Result<Status, Error> {
        match label {
            "pending" => Ok(Status::Pending),
            "running" => Ok(Status::Running),
            "succeeded" => Ok(Status::Succeeded),
            "failed" => Ok(Status::Failed),
            "cancelled" => Ok(Status::Cancelled),
            _ => Err(format!("unknown status `{label}`").into()),
        }
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Debug,
    Info,
    Warn,
    Error,
}

impl Level {
    fn from_label(label: &str) -> Result<Level, Error> {
        match label {
            "debug" => Ok(Level::Debug),
            "info" => Ok(Level::Info),
            "warn" => Ok(Level::Warn),
            "error" => Ok(Level::Error),
            _ => Err(format!("unknown level `{label}`").into()),
        }
    }
}
