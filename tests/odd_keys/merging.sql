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
