-- Tables without a primary key, whose rows are told apart by UNIQUE columns.

CREATE TABLE releases (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE queue (
    name    text NOT NULL,
    version text NOT NULL,
    id      serial UNIQUE,
    attempt integer NOT NULL DEFAULT 0,
    UNIQUE (name, version)
);

CREATE TABLE priorities (
    pattern  varchar(40) NOT NULL,
    priority integer NOT NULL
);

CREATE UNIQUE INDEX ON priorities (pattern);

CREATE TABLE coverage (
    release_id integer NOT NULL UNIQUE REFERENCES releases (id) ON DELETE CASCADE,
    items      integer
);

-- No foreign key: the numbers come from another system, and are wider there.
CREATE TABLE defects (
    id         bigint PRIMARY KEY,
    release_id bigint,
    short_id   smallint
);

CREATE INDEX ON defects (release_id);

CREATE MATERIALIZED VIEW queue_counts (name, waiting) AS
    SELECT name, count(*) FROM queue GROUP BY name;

CREATE UNIQUE INDEX ON queue_counts (name);
