CREATE TABLE pipeline_steps (
    id          uuid PRIMARY KEY,
    pipeline_id uuid NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    position    integer NOT NULL DEFAULT 1,
    name        text NOT NULL,
    enabled     boolean NOT NULL DEFAULT true,
    depends_on  uuid REFERENCES pipeline_steps (id) ON DELETE SET NULL,
    plugin_id   uuid REFERENCES plugins (id) ON DELETE RESTRICT,
    settings    jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pipeline_steps_not_its_own_dependency CHECK (depends_on <> id),
    UNIQUE (pipeline_id, position)
);

COMMENT ON TABLE pipeline_steps IS 'One step of a pipeline.';
COMMENT ON COLUMN pipeline_steps.position IS 'Steps run in this order, starting with 1.';
COMMENT ON COLUMN pipeline_steps.depends_on IS 'The step that must have succeeded before this one starts.';

CREATE INDEX pipeline_steps_depends_on_idx ON pipeline_steps (depends_on);
CREATE INDEX pipeline_steps_plugin_id_idx ON pipeline_steps (plugin_id);
