-- Accounts between which units of work transfer money.

CREATE TABLE accounts (
    id      bigint PRIMARY KEY,
    balance bigint NOT NULL,
    version bigint NOT NULL DEFAULT 1
);

-- One row for each unit of work that is committed. It may not be there twice, and nothing but the program prevents that.
CREATE TABLE transfers (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit   bigint NOT NULL,
    source bigint NOT NULL REFERENCES accounts,
    target bigint NOT NULL REFERENCES accounts,
    amount bigint NOT NULL
);

CREATE INDEX transfers_source_idx ON transfers (source);
CREATE INDEX transfers_target_idx ON transfers (target);

CREATE TABLE persist_outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        text COLLATE "C" NOT NULL,
    topic      text NOT NULL,
    payload    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    attempts   integer NOT NULL DEFAULT 0,
    retry_at   timestamptz,
    done       timestamptz
);

CREATE INDEX persist_outbox_waiting_idx ON persist_outbox (key, id) WHERE done IS NULL;

CREATE TABLE persist_token (
    id        uuid PRIMARY KEY,
    committed boolean NOT NULL DEFAULT true,
    at        timestamptz NOT NULL DEFAULT now()
);
