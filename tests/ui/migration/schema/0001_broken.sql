CREATE TABLE tags (
    id uuid PRIMARY KEY,
    name text NOT NULL
);

ALTER TABLE labels ADD COLUMN color text;
