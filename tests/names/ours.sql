CREATE TABLE "$name" (
    id integer PRIMARY KEY, parent_id integer REFERENCES "$name" ON DELETE CASCADE,
    "$name" integer NOT NULL DEFAULT 0
);
CREATE INDEX ON "$name" (parent_id);
CREATE TABLE "$name_rows" (
    id integer PRIMARY KEY, of integer NOT NULL REFERENCES "$name" ON DELETE CASCADE, place integer NOT NULL,
    tree integer NOT NULL DEFAULT 1, k integer NOT NULL DEFAULT 1, t0 integer NOT NULL DEFAULT 1, l integer NOT NULL DEFAULT 1,
    d integer NOT NULL DEFAULT 1, u integer NOT NULL DEFAULT 1, n integer NOT NULL DEFAULT 1, k0 integer NOT NULL DEFAULT 1,
    k1 integer NOT NULL DEFAULT 1, p1 integer NOT NULL DEFAULT 1, r1 integer NOT NULL DEFAULT 1, path integer NOT NULL DEFAULT 1,
    depth integer NOT NULL DEFAULT 1, c0 integer NOT NULL DEFAULT 1, v0 integer NOT NULL DEFAULT 1, picked integer NOT NULL DEFAULT 1,
    persist_number integer NOT NULL DEFAULT 1, persist_k0_0 integer NOT NULL DEFAULT 1, persist_k1_0 integer NOT NULL DEFAULT 1
);
CREATE INDEX ON "$name_rows" (of);
CREATE TABLE "$name_links" (
    "$name" integer NOT NULL REFERENCES "$name" ON DELETE CASCADE,
    row_id integer NOT NULL REFERENCES "$name_rows" ON DELETE CASCADE, PRIMARY KEY ("$name", row_id)
);
