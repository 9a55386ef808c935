-- Tables with something unusual.

CREATE TABLE events (
    happened_at timestamptz NOT NULL,
    name        text NOT NULL
);

CREATE TABLE "Invoices" (
    id          uuid PRIMARY KEY,
    "createdAt" timestamptz NOT NULL
);

CREATE TABLE drafts (
    id  uuid PRIMARY KEY,
    new text
);

CREATE TABLE geometry (
    id     uuid PRIMARY KEY,
    middle point,
    during tstzrange
);

CREATE TABLE a_table_whose_name_is_longer_than_what_postgresql_keeps_of_it (
    id uuid PRIMARY KEY
);

CREATE TABLE box (id uuid PRIMARY KEY);
CREATE TABLE boxes (id uuid PRIMARY KEY);

CREATE TABLE reports AS SELECT id, now() AS made_at FROM drafts;

DO $$
BEGIN
    EXECUTE format('CREATE TABLE %I (id uuid PRIMARY KEY)', 'made_' || 'elsewhere');
END
$$;

CREATE TYPE address AS (street text, city text);

CREATE TABLE people (
    id   uuid PRIMARY KEY,
    home address
);

CREATE MATERIALIZED VIEW draft_count AS SELECT count(*) AS drafts FROM drafts;

CREATE TABLE counters (
    id   bigint PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE prices (amount numeric PRIMARY KEY);

CREATE TABLE offers (
    id       uuid PRIMARY KEY,
    amount   numeric REFERENCES prices,
    draft_id uuid NOT NULL REFERENCES drafts
);

CREATE INDEX ON offers (amount);

CREATE TABLE "WebhookCall" (
    id          uuid PRIMARY KEY,
    "webhookId" uuid NOT NULL REFERENCES "Invoices"
);

CREATE SCHEMA "Books";

CREATE TABLE "Books"."order" ("user" uuid NOT NULL);

CREATE TABLE lockers (id uuid PRIMARY KEY, colour text NOT NULL, weight integer);
