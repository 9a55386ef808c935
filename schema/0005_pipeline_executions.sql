-- What happened when a pipeline was run.

CREATE TYPE execution_status AS ENUM ('pending', 'running', 'succeeded', 'failed', 'cancelled');

CREATE TABLE pipeline_executions (
    id               uuid PRIMARY KEY,
    pipeline_id      uuid NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    execution_number integer NOT NULL,
    status           execution_status NOT NULL DEFAULT 'pending',
    input            jsonb NOT NULL DEFAULT '{}',
    output           jsonb,
    error_message    text,
    cost             numeric(12, 4) NOT NULL DEFAULT 0,
    started_at       timestamptz,
    finished_at      timestamptz,
    duration         interval GENERATED ALWAYS AS (finished_at - started_at) STORED,
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (pipeline_id, execution_number),
    CHECK (finished_at >= started_at)
);

COMMENT ON COLUMN pipeline_executions.execution_number IS 'Counted per pipeline, starting with 1.';
COMMENT ON COLUMN pipeline_executions.output IS 'NULL until the execution has succeeded.';

-- The scheduler asks for these every second, so this index has to stay small.
CREATE INDEX pipeline_executions_open_idx ON pipeline_executions (created_at)
    WHERE status IN ('pending', 'running');

CREATE TYPE log_level AS ENUM ('debug', 'info', 'warn', 'error');

CREATE TABLE execution_logs (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution_id uuid NOT NULL REFERENCES pipeline_executions (id) ON DELETE CASCADE,
    step_id      uuid REFERENCES pipeline_steps (id) ON DELETE SET NULL,
    level        log_level NOT NULL DEFAULT 'info',
    message      text NOT NULL,
    logged_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE execution_logs IS 'What the steps of an execution wrote, in the order of `id`.';

CREATE INDEX execution_logs_execution_id_idx ON execution_logs (execution_id, id);
CREATE INDEX execution_logs_step_id_idx ON execution_logs (step_id) WHERE step_id IS NOT NULL;
