-- The pipelines and what they are labelled with.

CREATE TABLE pipelines (
    id                    uuid PRIMARY KEY,
    name                  text NOT NULL UNIQUE,
    description           text,
    environment_variables jsonb NOT NULL,
    is_active             boolean NOT NULL DEFAULT true,
    version               bigint NOT NULL DEFAULT 1,
    created_at            timestamptz NOT NULL DEFAULT now(),
    updated_at            timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE pipelines IS 'A named sequence of steps that is executed as a whole.';
COMMENT ON COLUMN pipelines.environment_variables IS 'An object of strings, handed to each step.';

-- The start page lists the active ones, newest first.
CREATE INDEX pipelines_active_created_at_idx ON pipelines (created_at DESC, id) WHERE is_active;

CREATE TABLE tags (
    id    uuid PRIMARY KEY,
    name  text NOT NULL UNIQUE,
    color char(7) NOT NULL DEFAULT '#808080' CHECK (color ~ '^#[0-9a-f]{6}$')
);

CREATE TABLE pipeline_tags (
    pipeline_id uuid NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    tag_id      uuid NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (pipeline_id, tag_id)
);

CREATE INDEX pipeline_tags_tag_id_idx ON pipeline_tags (tag_id);
