CREATE SCHEMA extensions;
CREATE EXTENSION citext WITH SCHEMA extensions;
CREATE TABLE regions (id integer PRIMARY KEY, code text NOT NULL UNIQUE, version bigint NOT NULL DEFAULT 1);
CREATE TABLE cities (
    id integer PRIMARY KEY, region_code text NOT NULL REFERENCES regions (code) ON UPDATE CASCADE,
    name text NOT NULL, UNIQUE (region_code, name)
);
CREATE TABLE streets (
    id integer PRIMARY KEY, region_code text NOT NULL, city text NOT NULL, name text NOT NULL,
    FOREIGN KEY (region_code, city) REFERENCES cities (region_code, name) ON UPDATE CASCADE
);
CREATE INDEX ON streets (region_code, city);
CREATE TABLE zones (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE plots (
    zone_code text NOT NULL REFERENCES zones (code) ON UPDATE CASCADE, number integer NOT NULL, owner text NOT NULL,
    PRIMARY KEY (zone_code, number)
);
CREATE TABLE trees (
    zone_code text NOT NULL, plot integer NOT NULL, number integer NOT NULL, kind text NOT NULL,
    PRIMARY KEY (zone_code, plot, number),
    FOREIGN KEY (zone_code, plot) REFERENCES plots ON UPDATE CASCADE
);
CREATE TABLE codes (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE entries (id integer PRIMARY KEY, code text NOT NULL REFERENCES codes (code), note text NOT NULL);
CREATE INDEX ON entries (code);
CREATE TABLE logins (id integer PRIMARY KEY, login extensions.citext NOT NULL UNIQUE);
CREATE TABLE mails (id integer PRIMARY KEY, email text NOT NULL);
CREATE UNIQUE INDEX ON mails (lower(email));
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE nicks (id integer PRIMARY KEY, nick text COLLATE nocase NOT NULL UNIQUE);
CREATE TABLE amounts (id integer PRIMARY KEY, amount extensions.citext NOT NULL UNIQUE CHECK (amount <> ''));
CREATE TABLE tags (id integer PRIMARY KEY, word text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL);
CREATE TABLE note_tags (note_id integer NOT NULL REFERENCES notes ON DELETE CASCADE, tag_id integer NOT NULL REFERENCES tags);
CREATE INDEX ON note_tags (note_id);
CREATE TABLE marks (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL);
CREATE TABLE note_marks (note_id integer REFERENCES notes ON DELETE CASCADE, mark_id bigint REFERENCES marks, PRIMARY KEY (note_id, mark_id));
CREATE TABLE animals (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE dogs (breed text NOT NULL DEFAULT '') INHERITS (animals);
CREATE TABLE people (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE passports (id integer PRIMARY KEY, person_id integer NOT NULL UNIQUE REFERENCES people ON DELETE CASCADE, code text NOT NULL);
CREATE TABLE parents (id integer PRIMARY KEY, name text NOT NULL, best_id integer REFERENCES parents);
CREATE TABLE kids (id integer PRIMARY KEY, parent_id integer NOT NULL REFERENCES parents ON DELETE CASCADE, name text NOT NULL);
CREATE INDEX ON kids (parent_id);
CREATE TABLE toys (id integer PRIMARY KEY, kid_id integer NOT NULL REFERENCES kids ON DELETE CASCADE, name text NOT NULL);
CREATE INDEX ON toys (kid_id);
CREATE TABLE hats (parent_id integer PRIMARY KEY REFERENCES parents ON DELETE CASCADE, color text NOT NULL);
CREATE TABLE parent_tags (parent_id integer REFERENCES parents ON DELETE CASCADE, tag_id integer REFERENCES tags, PRIMARY KEY (parent_id, tag_id));
CREATE TABLE crews (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE sailors (id integer PRIMARY KEY, crew_id integer NOT NULL REFERENCES crews, name text NOT NULL);
CREATE INDEX ON sailors (crew_id);
CREATE TABLE medals (id integer PRIMARY KEY, sailor_id integer NOT NULL REFERENCES sailors);
CREATE INDEX ON medals (sailor_id);
CREATE TABLE flags (id integer PRIMARY KEY, crew_id integer UNIQUE REFERENCES crews);
CREATE TABLE ports (id integer PRIMARY KEY, code text NOT NULL UNIQUE);
CREATE TABLE docks (id integer PRIMARY KEY, port_code text NOT NULL REFERENCES ports (code) ON UPDATE CASCADE);
CREATE INDEX ON docks (port_code)
