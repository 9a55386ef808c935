-- Keys by which a row may belong in several ways, and keys that are NULL in part.

CREATE TABLE boards (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE cards (
    id       integer PRIMARY KEY,
    board_id integer NOT NULL REFERENCES boards (id),
    status   text NOT NULL
);

CREATE INDEX ON cards (board_id);

CREATE TABLE folders (
    tenant integer NOT NULL,
    id     integer NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE readers (
    tenant integer NOT NULL,
    id     integer NOT NULL,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE files (
    id        integer PRIMARY KEY,
    tenant    integer NOT NULL,
    folder_id integer,
    reader_id integer,
    FOREIGN KEY (tenant, folder_id) REFERENCES folders (tenant, id) ON DELETE SET NULL (folder_id),
    FOREIGN KEY (tenant, reader_id) REFERENCES readers (tenant, id)
);

CREATE INDEX ON files (tenant, folder_id);
CREATE INDEX ON files (tenant, reader_id);

-- The same where the tenant may be NULL, too.
CREATE TABLE drafts (
    id        integer PRIMARY KEY,
    tenant    integer,
    folder_id integer,
    reader_id integer,
    FOREIGN KEY (tenant, folder_id) REFERENCES folders (tenant, id),
    FOREIGN KEY (tenant, reader_id) REFERENCES readers (tenant, id)
);

CREATE INDEX ON drafts (tenant, folder_id);
CREATE INDEX ON drafts (tenant, reader_id);
