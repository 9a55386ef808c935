//! Rows of which every parent has the same number of children.

use persist_testkit::TestDatabase;

use crate::Result;

pub(crate) const STEPS: usize = 3;
pub(crate) const EXECUTIONS: usize = 2;
pub(crate) const LOGS: usize = 2;
pub(crate) const SLOTS: usize = 2;
pub(crate) const RUNS: usize = 2;

/// The statements that store the pipelines with these numbers, and all that belongs to them.
pub(crate) fn pipelines(first: usize, last: usize) -> String {
    format!(
        "INSERT INTO users (id, email, display_name)
             SELECT md5('u' || n)::uuid, n || '@example.org', 'u' || n FROM generate_series(0, 6) n
             ON CONFLICT DO NOTHING;
         INSERT INTO tags (id, name) SELECT md5('t' || n)::uuid, 't' || n FROM generate_series(0, 2) n
             ON CONFLICT DO NOTHING;
         INSERT INTO pipelines (id, name, environment_variables, owner_id)
             SELECT md5('p' || n)::uuid, 'p' || n, '{{}}', md5('u' || n % 7)::uuid
             FROM generate_series({first}, {last}) n;
         INSERT INTO pipeline_steps (id, pipeline_id, position, name)
             SELECT md5('s' || n || ' ' || i)::uuid, md5('p' || n)::uuid, i, 's' || i
             FROM generate_series({first}, {last}) n, generate_series(1, {STEPS}) i;
         INSERT INTO pipeline_tags (pipeline_id, tag_id)
             SELECT md5('p' || n)::uuid, md5('t' || n % 3)::uuid FROM generate_series({first}, {last}) n;
         INSERT INTO pipeline_executions (id, pipeline_id, execution_number)
             SELECT md5('e' || n || ' ' || i)::uuid, md5('p' || n)::uuid, i
             FROM generate_series({first}, {last}) n, generate_series(1, {EXECUTIONS}) i;
         INSERT INTO execution_logs (execution_id, message)
             SELECT md5('e' || n || ' ' || i)::uuid, 'line ' || j
             FROM generate_series({first}, {last}) n, generate_series(1, {EXECUTIONS}) i, generate_series(1, {LOGS}) j;
         INSERT INTO schedules (pipeline_id, slot, cron)
             SELECT md5('p' || n)::uuid, i, '* * * * *'
             FROM generate_series({first}, {last}) n, generate_series(1, {SLOTS}) i;
         INSERT INTO schedule_runs (id, pipeline_id, slot, due_at)
             SELECT md5('r' || n || ' ' || i || ' ' || j)::uuid, md5('p' || n)::uuid, i, now()
             FROM generate_series({first}, {last}) n, generate_series(1, {SLOTS}) i, generate_series(1, {RUNS}) j;"
    )
}

/// A database with the pipelines 1 to `last`.
pub(crate) async fn database(last: usize) -> Result<TestDatabase> {
    let server = TestDatabase::new().await;
    server.client().await.batch_execute(&pipelines(1, last)).await?;
    Ok(server)
}
