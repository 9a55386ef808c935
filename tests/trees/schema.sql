CREATE EXTENSION IF NOT EXISTS citext;
CREATE SCHEMA org;
CREATE TYPE org.kind AS ENUM ('root', 'branch', 'leaf');
CREATE DOMAIN org.code AS varchar(12);
CREATE TABLE org.people (
    code org.code PRIMARY KEY, "bossCode" org.code REFERENCES org.people (code), deputy_of org.code REFERENCES org.people (code),
    "fullName" varchar(40) NOT NULL, kind org.kind NOT NULL, note text
);
CREATE TABLE tree (id bigint PRIMARY KEY, parent integer REFERENCES tree (id), mail citext NOT NULL);
CREATE TABLE climb (id integer PRIMARY KEY, name varchar(20) NOT NULL UNIQUE, above varchar(30) REFERENCES climb (name));
CREATE TABLE words (word citext PRIMARY KEY, root citext REFERENCES words (word), length integer NOT NULL);
CREATE TABLE kinds (kind org.kind PRIMARY KEY, part_of org.kind REFERENCES kinds (kind));
