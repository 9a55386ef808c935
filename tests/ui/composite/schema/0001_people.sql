CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE TYPE address AS (street text, zip text, "houseNo" integer, mood mood);
CREATE TYPE place AS (lat float8, lon float8);
CREATE TABLE people (id integer PRIMARY KEY, home address NOT NULL, away address);
CREATE TABLE spots (at place PRIMARY KEY, label text NOT NULL);
CREATE TABLE notes (id integer PRIMARY KEY, at place NOT NULL REFERENCES spots (at), body text NOT NULL);
CREATE INDEX notes_at_idx ON notes (at);
