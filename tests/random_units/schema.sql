-- Rows that belong to several others: by two relations over one key, by two keys to one table, and by a composite key that
-- is NULL in part.

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

CREATE TABLE cards (
    id          integer PRIMARY KEY,
    board_id    integer NOT NULL REFERENCES boards (id),
    owner_id    integer REFERENCES members (id),
    reviewer_id integer REFERENCES members (id),
    tenant      integer NOT NULL,
    folder_id   integer,
    status      integer NOT NULL,
    title       integer NOT NULL,
    FOREIGN KEY (tenant, folder_id) REFERENCES folders (tenant, id)
);

CREATE INDEX ON cards (board_id);
CREATE INDEX ON cards (owner_id);
CREATE INDEX ON cards (reviewer_id);
CREATE INDEX ON cards (tenant, folder_id);
