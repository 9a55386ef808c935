-- Rows that belong to two others by two keys, and UNIQUE keys that refer or are referred to.

CREATE TABLE crews (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE workers (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE jobs (
    id        integer PRIMARY KEY,
    crew_id   integer NOT NULL REFERENCES crews (id),
    worker_id integer REFERENCES workers (id),
    label     text NOT NULL
);

CREATE INDEX ON jobs (crew_id);
CREATE INDEX ON jobs (worker_id);

CREATE TABLE hosts (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE badges (
    id      integer PRIMARY KEY,
    host_id integer UNIQUE REFERENCES hosts (id),
    label   text NOT NULL
);

CREATE TABLE colors (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE shades (
    id    integer PRIMARY KEY,
    color text NOT NULL REFERENCES colors (name) ON UPDATE CASCADE
);

CREATE INDEX ON shades (color);

CREATE TABLE sizes (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE shirts (
    id   integer PRIMARY KEY,
    size text NOT NULL REFERENCES sizes (name)
);

CREATE INDEX ON shirts (size);

CREATE TABLE paints (
    id   integer PRIMARY KEY,
    name text NOT NULL UNIQUE
);

CREATE TABLE mixers (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE tins (
    id       integer PRIMARY KEY,
    paint    text NOT NULL REFERENCES paints (name) ON UPDATE CASCADE,
    mixer_id integer REFERENCES mixers (id)
);

CREATE INDEX ON tins (paint);
CREATE INDEX ON tins (mixer_id);
