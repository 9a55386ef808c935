//! The pipelines that are loaded, with their steps, executions and log entries.

use tokio_postgres::Client;

use crate::error::Error;

/// Twice the pipelines that are read, every other one inactive. Times are whole seconds, which all libraries
/// write alike.
const FILL: &str = "\
INSERT INTO pipelines (id, name, description, environment_variables, is_active, created_at, updated_at)
SELECT gen_random_uuid(), 'pipeline ' || right(md5(p::text), 8),
       CASE WHEN p % 3 > 0 THEN 'Fetches what was sold yesterday, number ' || p END,
       '{\"REGION\": \"eu-central\", \"STAGE\": \"production\"}', p % 2 = 0,
       timestamptz '2026-01-01 00:00:00Z' + p * interval '1 minute',
       timestamptz '2026-01-02 00:00:00Z' + p * interval '1 minute'
FROM generate_series(1, 200) AS p;

INSERT INTO pipeline_steps (id, pipeline_id, position, name, enabled, settings, created_at, updated_at)
SELECT gen_random_uuid(), p.id, s, 'step ' || s, s % 5 > 0, '{\"retries\": 3}', p.created_at, p.updated_at
FROM generate_series(1, 10) AS s CROSS JOIN pipelines p;

INSERT INTO pipeline_executions
    (id, pipeline_id, execution_number, status, input, output, error_message, cost, started_at, finished_at, created_at, updated_at)
SELECT gen_random_uuid(), p.id, e, CASE WHEN failed THEN 'failed' ELSE 'succeeded' END::execution_status,
       '{\"day\": \"2026-01-01\"}', CASE WHEN NOT failed THEN '{\"rows\": 12000}'::jsonb END,
       CASE WHEN failed THEN 'The connection was closed.' END, e * 1.25,
       p.created_at, p.created_at + e * interval '1 minute', p.created_at, p.updated_at
FROM generate_series(1, 10) AS e CROSS JOIN pipelines p CROSS JOIN LATERAL (SELECT e % 4 = 0 AS failed) f;

INSERT INTO execution_logs (execution_id, step_id, level, message, logged_at)
SELECT e.id, s.id, CASE WHEN l = 5 THEN 'warn' ELSE 'info' END::log_level, 'Read ' || l * 1000 || ' rows.',
       e.started_at + l * interval '1 second'
FROM generate_series(1, 5) AS l CROSS JOIN pipeline_executions e
LEFT JOIN pipeline_steps s ON s.pipeline_id = e.pipeline_id AND s.position = l;";

/// Fills the tables.
pub async fn fill(client: &Client) -> Result<(), Error> {
    client.batch_execute(FILL).await?;
    for table in ["pipelines", "pipeline_steps", "pipeline_executions", "execution_logs"] {
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).await?;
    }
    Ok(())
}
