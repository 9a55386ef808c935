-- What `persist` itself needs, where it is used: events that wait to be handed on, and which units of work were committed.

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

COMMENT ON COLUMN persist_outbox.key IS 'Events with the same key are handed on one after another, in the order of their ids.';
COMMENT ON COLUMN persist_outbox.attempts IS 'How many times a handler failed.';
COMMENT ON COLUMN persist_outbox.retry_at IS 'When to try again; until then the later events of the key wait, too.';

-- Relays walk from key to key and read the queue of each.
CREATE INDEX persist_outbox_waiting_idx ON persist_outbox (key, id) WHERE done IS NULL;

CREATE TABLE persist_token (
    id        uuid PRIMARY KEY,
    committed boolean NOT NULL DEFAULT true,
    at        timestamptz NOT NULL DEFAULT now()
);
