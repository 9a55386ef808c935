-- Tables of which only the first lets its rows go with what they refer to.

CREATE TABLE warehouses (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE shelves (
    id           integer PRIMARY KEY,
    warehouse_id integer NOT NULL REFERENCES warehouses (id) ON DELETE CASCADE,
    label        text UNIQUE
);

CREATE INDEX ON shelves (warehouse_id);

CREATE TABLE pallets (
    id       integer PRIMARY KEY,
    shelf_id integer NOT NULL REFERENCES shelves (id)
);

CREATE INDEX ON pallets (shelf_id);

CREATE TABLE stamps (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE sheets (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE sheet_stamps (
    sheet_id integer NOT NULL REFERENCES sheets (id),
    stamp_id integer NOT NULL REFERENCES stamps (id),
    PRIMARY KEY (sheet_id, stamp_id)
);

CREATE INDEX ON sheet_stamps (stamp_id);
