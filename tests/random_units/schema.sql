-- Rows that belong to several others: by two relations over one key, by two keys to one table, by a composite key that is
-- NULL in part, and by natural keys; and UNIQUE keys whose values differ in case only.

CREATE EXTENSION IF NOT EXISTS citext;

CREATE TABLE boards (
    id integer PRIMARY KEY
);

CREATE TABLE members (
    id integer PRIMARY KEY
);

CREATE TABLE folders (
    tenant integer NOT NULL,
    id     integer NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE areas (
    id   integer PRIMARY KEY,
    code text NOT NULL UNIQUE
);

CREATE TABLE cards (
    id           integer PRIMARY KEY,
    board_id     integer NOT NULL REFERENCES boards (id),
    owner_id     integer REFERENCES members (id),
    reviewer_id  integer REFERENCES members (id),
    tenant       integer NOT NULL,
    folder_id    integer,
    status       integer NOT NULL,
    title        integer NOT NULL,
    area_code    text NOT NULL REFERENCES areas (code) ON UPDATE CASCADE,
    visited_code text REFERENCES areas (code) ON UPDATE CASCADE,
    name         citext NOT NULL UNIQUE,
    mail         text NOT NULL,
    FOREIGN KEY (tenant, folder_id) REFERENCES folders (tenant, id)
);

CREATE INDEX ON cards (board_id);
CREATE INDEX ON cards (owner_id);
CREATE INDEX ON cards (reviewer_id);
CREATE INDEX ON cards (tenant, folder_id);
CREATE INDEX ON cards (area_code);
CREATE INDEX ON cards (visited_code);
CREATE UNIQUE INDEX ON cards (lower(mail));
