-- Pipelines are filed in a tree of categories, and people talk about them.

CREATE TABLE categories (
    id        uuid PRIMARY KEY,
    parent_id uuid REFERENCES categories (id) ON DELETE CASCADE,
    name      text NOT NULL,
    position  integer NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (parent_id, name),
    CONSTRAINT categories_not_its_own_parent CHECK (parent_id <> id)
);

COMMENT ON TABLE categories IS 'Roots have no parent.';

CREATE INDEX categories_parent_id_idx ON categories (parent_id, position);

ALTER TABLE pipelines
    ADD COLUMN category_id uuid REFERENCES categories (id) ON DELETE SET NULL;

CREATE INDEX pipelines_category_id_idx ON pipelines (category_id);

CREATE TABLE comments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pipeline_id uuid NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    author_id   uuid REFERENCES users (id) ON DELETE SET NULL,
    reply_to    bigint REFERENCES comments (id) ON DELETE CASCADE,
    body        text NOT NULL,
    is_hidden   boolean NOT NULL DEFAULT false,
    written_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX comments_pipeline_id_idx ON comments (pipeline_id, written_at);
CREATE INDEX comments_author_id_idx ON comments (author_id);
CREATE INDEX comments_reply_to_idx ON comments (reply_to);
