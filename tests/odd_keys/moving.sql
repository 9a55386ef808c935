-- Children that leave their parents by their foreign key columns: with and without ON DELETE CASCADE, nullable, one to one,
-- with versions, and a tree.

CREATE TABLE racks (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE units (
    id      integer PRIMARY KEY,
    rack_id integer NOT NULL REFERENCES racks (id),
    label   text NOT NULL
);

CREATE INDEX ON units (rack_id);

CREATE TABLE crates (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE bottles (
    id       integer PRIMARY KEY,
    crate_id integer NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    label    text NOT NULL
);

CREATE INDEX ON bottles (crate_id);

CREATE TABLE corks (
    id        integer PRIMARY KEY,
    bottle_id integer NOT NULL REFERENCES bottles (id) ON DELETE CASCADE
);

CREATE INDEX ON corks (bottle_id);

CREATE TABLE desks (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE lamps (
    id      integer PRIMARY KEY,
    desk_id integer REFERENCES desks (id),
    label   text NOT NULL,
    version integer NOT NULL DEFAULT 1
);

CREATE INDEX ON lamps (desk_id);

CREATE TABLE people (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE passports (
    id        integer PRIMARY KEY,
    person_id integer UNIQUE REFERENCES people (id),
    label     text NOT NULL
);

CREATE TABLE branches (
    id        integer PRIMARY KEY,
    parent_id integer REFERENCES branches (id),
    name      text NOT NULL
);

CREATE INDEX ON branches (parent_id);
