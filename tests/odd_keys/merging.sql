-- Structs of which it is not known whether they are stored.

CREATE TABLE albums (
    id      integer PRIMARY KEY,
    name    text NOT NULL,
    version integer NOT NULL DEFAULT 1
);

CREATE TABLE songs (
    id       integer PRIMARY KEY,
    album_id integer NOT NULL REFERENCES albums (id),
    title    text NOT NULL,
    length   integer NOT NULL DEFAULT 180
);

CREATE INDEX ON songs (album_id);

CREATE TABLE takes (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    song_id integer NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    note    text
);

CREATE INDEX ON takes (song_id);

CREATE TABLE moods (
    id   integer PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE song_moods (
    song_id  integer NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
    mood_id integer NOT NULL REFERENCES moods (id),
    PRIMARY KEY (song_id, mood_id)
);

CREATE TABLE chain_links (
    id      integer PRIMARY KEY,
    next_id integer REFERENCES chain_links (id) ON DELETE CASCADE,
    name    text NOT NULL
);

CREATE INDEX ON chain_links (next_id);
