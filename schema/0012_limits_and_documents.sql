-- How much may be run, and what is written about it.

CREATE TABLE rate_limits (
    subject      text NOT NULL,                  -- who is limited: a key of the API, an address
    window_start timestamptz NOT NULL,
    used         integer NOT NULL DEFAULT 0,
    PRIMARY KEY (subject, window_start)
);

COMMENT ON TABLE rate_limits IS 'What was used in each window of time; old windows are deleted.';

CREATE TABLE quotas (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    granted bigint NOT NULL CHECK (granted >= 0),
    used    bigint NOT NULL DEFAULT 0,
    CHECK (used BETWEEN 0 AND granted)
);

COMMENT ON COLUMN quotas.used IS 'In bytes, like `granted`.';

-- A document belongs to a user or to a team, to exactly one of them.
CREATE TABLE documents (
    id      uuid PRIMARY KEY,
    title   text NOT NULL,
    body    text NOT NULL DEFAULT '',
    size    bigint NOT NULL DEFAULT 0,
    user_id uuid REFERENCES users (id) ON DELETE CASCADE,
    team_id uuid REFERENCES teams (id) ON DELETE CASCADE,
    CONSTRAINT documents_one_owner CHECK (num_nonnulls(user_id, team_id) = 1)
);

CREATE INDEX documents_user_id_idx ON documents (user_id);
CREATE INDEX documents_team_id_idx ON documents (team_id);

CREATE TABLE document_shares (
    document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    can_write   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (document_id, user_id)
);

CREATE INDEX document_shares_user_id_idx ON document_shares (user_id);
