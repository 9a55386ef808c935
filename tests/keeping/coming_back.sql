CREATE TABLE bins (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE tools (id integer PRIMARY KEY, bin_id integer REFERENCES bins, word text NOT NULL);
CREATE INDEX ON tools (bin_id);
CREATE TABLE neighbors (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE neighbor_pairs (
    neighbor_id integer REFERENCES neighbors ON DELETE CASCADE, other_id integer REFERENCES neighbors, PRIMARY KEY (neighbor_id, other_id)
);
CREATE TABLE quarters (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE stalls (id integer PRIMARY KEY, quarter_code text NOT NULL REFERENCES quarters (code) ON UPDATE CASCADE);
CREATE INDEX ON stalls (quarter_code);
CREATE TABLE sheets (id integer PRIMARY KEY, name text NOT NULL, content json);
CREATE TABLE blocks (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE block_neighbors (
    block_id integer REFERENCES blocks ON DELETE CASCADE, neighbor_id integer REFERENCES neighbors, PRIMARY KEY (block_id, neighbor_id)
);
CREATE TABLE writers (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE drafts (id integer PRIMARY KEY, author_id integer REFERENCES writers, reviewer_id integer REFERENCES writers ON DELETE CASCADE, word text NOT NULL);
CREATE INDEX ON drafts (author_id);
CREATE INDEX ON drafts (reviewer_id)
