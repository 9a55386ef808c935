//! tokio-postgres as an expert writes it: all statements prepared, a batch in one statement, all of it in one
//! write.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use futures_util::future::{join, join3};
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::types::Json;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// One connection with its statements.
pub struct ByHand {
    client: Client,
    read_execution: Statement,
    read_tag: Statement,
    read_pipelines: Statement,
    insert_pipeline: Statement,
    insert_steps: Statement,
    insert_execution: Statement,
    update_execution: Statement,
    delete_tag: Statement,
    update_pipelines: Statement,
    upsert_pipelines: Statement,
}

/// The enum as text: else the driver asks the server for its type, several round trips on each connection.
const READ_EXECUTION: &str = "\
SELECT id, pipeline_id, execution_number, status::text, input, output, error_message, cost, started_at, finished_at, version, \
       created_at, updated_at \
FROM pipeline_executions WHERE id = $1";
const READ_TAG: &str = "SELECT id, name, color FROM tags WHERE id = $1";
const READ_PIPELINES: &str = "\
SELECT id, name, description, environment_variables, is_active, version, created_at, updated_at, owner_id, category_id \
FROM pipelines WHERE name LIKE $1 ORDER BY id";

const INSERT_PIPELINE: &str =
    "INSERT INTO pipelines (id, name, description, environment_variables) VALUES ($1, $2, $3, $4)";
const INSERT_STEPS: &str = "\
INSERT INTO pipeline_steps (id, pipeline_id, position, name, settings) \
SELECT u.id, $1, u.position, u.name, u.settings \
FROM unnest($2::uuid[], $3::int[], $4::text[], $5::jsonb[]) AS u (id, position, name, settings)";
const INSERT_EXECUTION: &str = "\
INSERT INTO pipeline_executions (id, pipeline_id, execution_number, input) VALUES ($1, $2, $3, $4)";

/// COMMIT is on its way when the answer comes, so a row that is gone or was changed has to be an error of the
/// server's.
const UPDATE_EXECUTION: &str = "\
WITH u AS (UPDATE pipeline_executions \
           SET status = $3::text::execution_status, output = $4, cost = $5, finished_at = $6, \
               version = version + 1, updated_at = now() \
           WHERE id = $1 AND version = $2 RETURNING id) \
SELECT CASE count(*) WHEN 1 THEN true ELSE ('stale: ' || count(*))::bool END FROM u";
const DELETE_TAG: &str = "\
WITH d AS (DELETE FROM tags WHERE id = $1 RETURNING id) \
SELECT CASE count(*) WHEN 1 THEN true ELSE ('gone: ' || count(*))::bool END FROM d";

const UPDATE_PIPELINES: &str = "\
WITH d AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS d (id, version, description)), \
     u AS (UPDATE pipelines p SET description = d.description, version = p.version + 1, updated_at = now() \
           FROM d WHERE p.id = d.id AND p.version = d.version RETURNING p.id) \
SELECT CASE count(*) WHEN cardinality($1) THEN true ELSE ('stale: ' || count(*))::bool END FROM u";
const UPSERT_PIPELINES: &str = "\
INSERT INTO pipelines (id, name, description, environment_variables) \
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) \
ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, \
    environment_variables = excluded.environment_variables, version = pipelines.version + 1, updated_at = now()";

impl Writer for ByHand {
    type Read = (Execution, Tag);
    type Begun = Vec<Pipeline>;

    async fn connect(url: &str) -> Result<Self, Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(ByHand {
            read_execution: client.prepare(READ_EXECUTION).await?,
            read_tag: client.prepare(READ_TAG).await?,
            read_pipelines: client.prepare(READ_PIPELINES).await?,
            insert_pipeline: client.prepare(INSERT_PIPELINE).await?,
            insert_steps: client.prepare(INSERT_STEPS).await?,
            insert_execution: client.prepare(INSERT_EXECUTION).await?,
            update_execution: client.prepare(UPDATE_EXECUTION).await?,
            delete_tag: client.prepare(DELETE_TAG).await?,
            update_pipelines: client.prepare(UPDATE_PIPELINES).await?,
            upsert_pipelines: client.prepare(UPSERT_PIPELINES).await?,
            client,
        })
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = self.client.query_one(&self.read_execution, &[&execution_key(number)]).await?;
        let tag = self.client.query_one(&self.read_tag, &[&tag_key(number)]).await?;
        Ok((Execution::from_row(&execution)?, Tag::from_row(&tag)?))
    }

    async fn fourteen_rows(&mut self, (mut execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        execution.status = Status::Succeeded;
        execution.output = Some(new.output);
        execution.cost = Decimal::new(12_500, 4);
        execution.finished_at = Some(FINISHED_AT);

        let (pipeline_id, execution_id) = (Uuid::now_v7(), Uuid::now_v7());
        let keys: Vec<Uuid> = new.steps.iter().map(|_| Uuid::now_v7()).collect();
        let positions: Vec<i32> = (1..).take(new.steps.len()).collect();
        let settings = vec![Json(&new.settings); new.steps.len()];
        let output = execution.output.as_ref().map(Json);
        self.commit(async |client| {
            let ((updated, deleted, pipeline), (steps, execution)) = join(
                join3(
                    client.query_one(
                        &self.update_execution,
                        &[
                            &execution.id,
                            &execution.version,
                            &execution.status.label(),
                            &output,
                            &execution.cost,
                            &execution.finished_at,
                        ],
                    ),
                    client.query_one(&self.delete_tag, &[&tag.id]),
                    client.execute(
                        &self.insert_pipeline,
                        &[&pipeline_id, &new.name, &new.description, &Json(&new.environment_variables)],
                    ),
                ),
                join(
                    client.execute(
                        &self.insert_steps,
                        &[&pipeline_id, &keys, &positions, &new.steps, &settings],
                    ),
                    client.execute(
                        &self.insert_execution,
                        &[&execution_id, &pipeline_id, &1_i32, &Json(&new.input)],
                    ),
                ),
            )
            .await;
            updated?;
            deleted?;
            pipeline?;
            steps?;
            execution?;
            Ok(())
        })
        .await
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        let (begun, pipelines) = join(self.client.batch_execute("BEGIN"), self.read_pipelines()).await;
        begun?;
        pipelines
    }

    async fn update(&mut self, mut pipelines: Self::Begun) -> Result<(), Error> {
        for pipeline in &mut pipelines {
            pipeline.description = Some(description(&pipeline.name));
        }
        let keys: Vec<Uuid> = pipelines.iter().map(|pipeline| pipeline.id).collect();
        let versions: Vec<i64> = pipelines.iter().map(|pipeline| pipeline.version).collect();
        let descriptions: Vec<Option<&str>> =
            pipelines.iter().map(|pipeline| pipeline.description.as_deref()).collect();
        let (updated, committed) = join(
            self.client.query_one(&self.update_pipelines, &[&keys, &versions, &descriptions]),
            self.client.batch_execute("COMMIT"),
        )
        .await;
        updated?;
        committed?;
        Ok(())
    }

    async fn roll_back(&mut self, _pipelines: Self::Begun) -> Result<(), Error> {
        Ok(self.client.batch_execute("ROLLBACK").await?)
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let keys: Vec<Uuid> = drafts.iter().map(|draft| draft.id).collect();
        let names: Vec<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
        let descriptions: Vec<&str> = drafts.iter().map(|draft| draft.description.as_str()).collect();
        let variables: Vec<Json<&Value>> =
            drafts.iter().map(|draft| Json(&draft.environment_variables)).collect();
        self.commit(async |client| {
            client.execute(&self.upsert_pipelines, &[&keys, &names, &descriptions, &variables]).await?;
            Ok(())
        })
        .await
    }
}

impl ByHand {
    /// BEGIN, the statements and COMMIT leave before the first of them is answered.
    async fn commit(&self, write: impl AsyncFnOnce(&Client) -> Result<(), Error>) -> Result<(), Error> {
        let client = &self.client;
        // They are polled in this order, and in the order of the first polls they are sent.
        let (begun, written, committed) =
            join3(client.batch_execute("BEGIN"), write(client), client.batch_execute("COMMIT")).await;
        begun?;
        written?;
        committed?;
        Ok(())
    }

    async fn read_pipelines(&self) -> Result<Vec<Pipeline>, Error> {
        let mut rows = std::pin::pin!(self.client.query_raw(&self.read_pipelines, [UPDATED]).await?);
        let mut pipelines = Vec::new();
        while let Some(row) = rows.try_next().await? {
            pipelines.push(Pipeline::from_row(&row)?);
        }
        Ok(pipelines)
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Pipeline {
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

#[derive(Debug)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Execution {
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

#[derive(Debug)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Tag {
    id: Uuid,
    name: String,
    color: String,
}

impl Tag {
    fn from_row(row: &Row) -> Result<Tag, Error> {
        Ok(Tag { id: row.try_get(0)?, name: row.try_get(1)?, color: row.try_get(2)? })
    }
}

#[derive(Debug, Clone, Copy)]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}

impl Status {
    fn label(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Running => "running",
            Status::Succeeded => "succeeded",
            Status::Failed => "failed",
            Status::Cancelled => "cancelled",
        }
    }

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
