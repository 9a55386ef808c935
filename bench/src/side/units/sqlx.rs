//! sqlx: hand-written SQL with `unnest`; no pipelines, so one statement after the other.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::{PgPoolOptions, PgQueryResult};
use sqlx::{FromRow, PgPool, Postgres, Transaction, Type};
use uuid::Uuid;

use super::writer::{Writer, description};
use crate::error::Error;
use crate::unit::{Draft, FINISHED_AT, NewUnit, UPDATED, execution_key, tag_key};

/// A pool that does not ask each connection whether it is alive.
pub struct Sqlx(PgPool);

const READ_EXECUTION: &str = "\
SELECT id, pipeline_id, execution_number, status, input, output, error_message, cost, started_at, finished_at, version, \
       created_at, updated_at \
FROM pipeline_executions WHERE id = $1";
const INSERT_STEPS: &str = "\
INSERT INTO pipeline_steps (id, pipeline_id, position, name, settings) \
SELECT u.id, $1, u.position, u.name, u.settings \
FROM unnest($2::uuid[], $3::int[], $4::text[], $5::jsonb[]) AS u (id, position, name, settings)";
const UPDATE_EXECUTION: &str = "\
UPDATE pipeline_executions \
SET status = $3, output = $4, cost = $5, finished_at = $6, version = version + 1, updated_at = now() \
WHERE id = $1 AND version = $2";
const UPDATE_PIPELINES: &str = "\
UPDATE pipelines p SET description = d.description, version = p.version + 1, updated_at = now() \
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS d (id, version, description) \
WHERE p.id = d.id AND p.version = d.version";
const UPSERT_PIPELINES: &str = "\
INSERT INTO pipelines (id, name, description, environment_variables) \
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) \
ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, \
    environment_variables = excluded.environment_variables, version = pipelines.version + 1, updated_at = now()";

impl Writer for Sqlx {
    type Read = (Execution, Tag);
    type Begun = (Transaction<'static, Postgres>, Vec<Pipeline>);

    async fn connect(url: &str) -> Result<Self, Error> {
        Ok(Sqlx(PgPoolOptions::new().max_connections(4).test_before_acquire(false).connect(url).await?))
    }

    async fn read(&mut self, number: i64) -> Result<Self::Read, Error> {
        let execution = sqlx::query_as(READ_EXECUTION).bind(execution_key(number)).fetch_one(&self.0).await?;
        let tag = sqlx::query_as("SELECT * FROM tags WHERE id = $1").bind(tag_key(number));
        Ok((execution, tag.fetch_one(&self.0).await?))
    }

    async fn fourteen_rows(&mut self, (mut execution, tag): Self::Read, new: NewUnit) -> Result<(), Error> {
        execution.status = Status::Succeeded;
        execution.output = Some(new.output);
        execution.cost = Decimal::new(12_500, 4);
        execution.finished_at = Some(FINISHED_AT);

        let (pipeline_id, execution_id) = (Uuid::now_v7(), Uuid::now_v7());
        let keys: Vec<Uuid> = new.steps.iter().map(|_| Uuid::now_v7()).collect();
        let positions: Vec<i32> = (1..).take(new.steps.len()).collect();
        let settings = vec![&new.settings; new.steps.len()];

        let mut transaction = self.0.begin().await?;
        let updated = sqlx::query(UPDATE_EXECUTION)
            .bind(execution.id)
            .bind(execution.version)
            .bind(execution.status)
            .bind(&execution.output)
            .bind(execution.cost)
            .bind(execution.finished_at)
            .execute(&mut *transaction)
            .await?;
        expect(1, &updated)?;
        let deleted = sqlx::query("DELETE FROM tags WHERE id = $1").bind(tag.id);
        expect(1, &deleted.execute(&mut *transaction).await?)?;
        sqlx::query(
            "INSERT INTO pipelines (id, name, description, environment_variables) VALUES ($1, $2, $3, $4)",
        )
        .bind(pipeline_id)
        .bind(&new.name)
        .bind(&new.description)
        .bind(&new.environment_variables)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(INSERT_STEPS)
            .bind(pipeline_id)
            .bind(&keys)
            .bind(&positions)
            .bind(&new.steps)
            .bind(&settings)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO pipeline_executions (id, pipeline_id, execution_number, input) VALUES ($1, $2, $3, $4)",
        )
        .bind(execution_id)
        .bind(pipeline_id)
        .bind(1_i32)
        .bind(&new.input)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    async fn begin(&mut self) -> Result<Self::Begun, Error> {
        let mut transaction = self.0.begin().await?;
        let pipelines = sqlx::query_as("SELECT * FROM pipelines WHERE name LIKE $1 ORDER BY id");
        let pipelines = pipelines.bind(UPDATED).fetch_all(&mut *transaction).await?;
        Ok((transaction, pipelines))
    }

    async fn update(&mut self, (mut transaction, mut pipelines): Self::Begun) -> Result<(), Error> {
        for pipeline in &mut pipelines {
            pipeline.description = Some(description(&pipeline.name));
        }
        let keys: Vec<Uuid> = pipelines.iter().map(|pipeline| pipeline.id).collect();
        let versions: Vec<i64> = pipelines.iter().map(|pipeline| pipeline.version).collect();
        let descriptions: Vec<Option<&str>> =
            pipelines.iter().map(|pipeline| pipeline.description.as_deref()).collect();
        let updated = sqlx::query(UPDATE_PIPELINES)
            .bind(&keys)
            .bind(&versions)
            .bind(&descriptions)
            .execute(&mut *transaction)
            .await?;
        expect(pipelines.len(), &updated)?;
        Ok(transaction.commit().await?)
    }

    async fn roll_back(&mut self, (transaction, _): Self::Begun) -> Result<(), Error> {
        Ok(transaction.rollback().await?)
    }

    async fn upsert(&mut self, drafts: Vec<Draft>) -> Result<(), Error> {
        let keys: Vec<Uuid> = drafts.iter().map(|draft| draft.id).collect();
        let names: Vec<&str> = drafts.iter().map(|draft| draft.name.as_str()).collect();
        let descriptions: Vec<&str> = drafts.iter().map(|draft| draft.description.as_str()).collect();
        let variables: Vec<&Value> = drafts.iter().map(|draft| &draft.environment_variables).collect();
        let mut transaction = self.0.begin().await?;
        sqlx::query(UPSERT_PIPELINES)
            .bind(&keys)
            .bind(&names)
            .bind(&descriptions)
            .bind(&variables)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

fn expect(rows: usize, result: &PgQueryResult) -> Result<(), Error> {
    let found = result.rows_affected();
    if found == u64::try_from(rows)? { Ok(()) } else { Err(format!("{found} rows of {rows}").into()) }
}

#[derive(Debug, FromRow)]
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

#[derive(Debug, FromRow)]
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

#[derive(Debug, FromRow)]
#[expect(dead_code, reason = "a program reads whole rows, whatever it is going to change")]
pub struct Tag {
    id: Uuid,
    name: String,
    color: String,
}

#[derive(Debug, Clone, Copy, Type)]
#[sqlx(type_name = "execution_status", rename_all = "snake_case")]
enum Status {
    Pending,
    Running,
    Succeeded,
    Failed,
    Cancelled,
}
