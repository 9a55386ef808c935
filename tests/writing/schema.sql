CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE counters (
    id integer PRIMARY KEY, name text NOT NULL, small smallint NOT NULL DEFAULT 1, wide bigint NOT NULL DEFAULT 1, share double precision NOT NULL DEFAULT 1,
    maybe integer, note text, code varchar(40) NOT NULL DEFAULT 'c', mail citext NOT NULL DEFAULT 'm', tags text[] NOT NULL DEFAULT '{}',
    day date NOT NULL DEFAULT '2024-02-28', at timestamptz NOT NULL DEFAULT '2024-02-28 12:00:00+00', plain timestamp, span interval NOT NULL DEFAULT '1 hour'
);
