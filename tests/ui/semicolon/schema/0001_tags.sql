CREATE TABLE tags (id uuid PRIMARY KEY, name text NOT NULL);

INSERT INTO tags VALUES (gen_random_uuid(), 'new')
CREATE UNIQUE INDEX tags_name_key ON tags (name);
