//! The rows that are there before, and what is there afterwards.

use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use super::Unit;
use crate::error::Error;

/// A thousand pipelines to update, five hundred to upsert, one whose executions end. No side writes the times
/// that these have, and all libraries write whole seconds alike.
const FILL: &str = "\
-- Foreign keys need not be checked where whole aggregates are put and taken; who else would pay for it is measured.
SET session_replication_role = replica;

INSERT INTO pipelines (id, name, description, environment_variables, created_at, updated_at)
SELECT (kind || lpad(to_hex(n), 12, '0'))::uuid, name || ' ' || n, 'As it was',
       '{\"REGION\": \"eu-central\", \"STAGE\": \"production\"}', '2026-01-01 00:00:00Z', '2026-01-02 00:00:00Z'
FROM (VALUES ('00000001-0000-7000-8000-', 'updated', 1000), ('00000002-0000-7000-8000-', 'upserted', 500),
             ('00000003-0000-7000-8000-', 'of executions', 1)) AS k (kind, name, count)
CROSS JOIN LATERAL generate_series(1, count) AS n;

ANALYZE;";

/// How the names of the pipelines begin that are updated, as a pattern of SQL.
pub const UPDATED: &str = "updated %";

/// Fills the tables.
pub async fn fill(stage: &Client) -> Result<(), Error> {
    Ok(stage.batch_execute(FILL).await?)
}

/// Brings the rows that this unit changes to what they were.
pub async fn reset(unit: Unit, stage: &Client, repetitions: usize) -> Result<(), Error> {
    let sql = match unit {
        Unit::FourteenRows => FOURTEEN_ROWS.replace("{count}", &repetitions.to_string()),
        Unit::Updates => UPDATES.to_owned(),
        Unit::Upserts => UPSERTS.to_owned(),
    };
    Ok(stage.batch_execute(&sql).await?)
}

const FOURTEEN_ROWS: &str = "\
SET session_replication_role = replica;
DELETE FROM pipeline_steps;
DELETE FROM pipeline_executions;
DELETE FROM pipelines WHERE name LIKE 'unit %';
DELETE FROM tags;
INSERT INTO pipeline_executions (id, pipeline_id, execution_number, status, started_at, created_at, updated_at)
SELECT ('00000004-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00000003-0000-7000-8000-000000000001', n, 'running',
       '2026-01-01 00:00:00Z', '2026-01-01 00:00:00Z', '2026-01-01 00:00:00Z'
FROM generate_series(1, {count}) AS n;
INSERT INTO tags (id, name)
SELECT ('00000005-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'tag ' || n FROM generate_series(1, {count}) AS n;";

const UPDATES: &str = "\
SET session_replication_role = replica;
UPDATE pipelines SET description = 'As it was', version = 1, updated_at = '2026-01-02 00:00:00Z'
WHERE name LIKE 'updated %' AND version <> 1;";

const UPSERTS: &str = "\
SET session_replication_role = replica;
DELETE FROM pipelines WHERE name LIKE 'upserted %' AND substr(name, 10)::int > 500;
UPDATE pipelines SET description = 'As it was', version = 1, updated_at = '2026-01-02 00:00:00Z'
WHERE name LIKE 'upserted %' AND version <> 1;";

/// The key of the execution with this number, counted from 1.
pub fn execution_key(number: i64) -> Uuid {
    key(4, number)
}

/// The key of the tag with this number, counted from 1.
pub fn tag_key(number: i64) -> Uuid {
    key(5, number)
}

/// The key of the pipeline with this number, counted from 1, among those that are upserted.
pub fn upserted_key(number: i64) -> Uuid {
    key(2, number)
}

fn key(kind: u32, number: i64) -> Uuid {
    let number = number.to_be_bytes();
    let [_, _, node @ ..] = number;
    Uuid::from_fields(kind, 0, 0x7000, &[0x80, 0, node[0], node[1], node[2], node[3], node[4], node[5]])
}

/// All that a unit may have changed. Keys and times that the sides or the server make are left out; whether a
/// row says that it was changed now is not.
const OUTCOME: &str = "\
SELECT jsonb_build_object(
    'pipelines', (
        SELECT jsonb_agg(jsonb_build_array(
            name, description, environment_variables, is_active, version, owner_id, category_id,
            created_at > '2026-01-03', updated_at > '2026-01-03',
            (SELECT jsonb_agg(jsonb_build_array(s.position, s.name, s.enabled, s.depends_on, s.plugin_id, s.settings,
                                                s.created_at > '2026-01-03', s.updated_at > '2026-01-03') ORDER BY s.position)
             FROM pipeline_steps s WHERE s.pipeline_id = p.id),
            (SELECT jsonb_agg(jsonb_build_array(e.execution_number, e.status, e.input, e.output, e.error_message, e.cost,
                                                e.started_at, e.finished_at, e.version, e.created_at > '2026-01-03',
                                                e.updated_at > '2026-01-03') ORDER BY e.execution_number)
             FROM pipeline_executions e WHERE e.pipeline_id = p.id)
        ) ORDER BY name)
        FROM pipelines p),
    'tags', (SELECT jsonb_agg(name ORDER BY name) FROM tags))";

/// What the tables hold, as all sides should leave it.
pub async fn outcome(stage: &Client) -> Result<Value, Error> {
    Ok(stage.query_one(OUTCOME, &[]).await?.try_get(0)?)
}
