CREATE SCHEMA app;
CREATE SCHEMA extensions;
CREATE EXTENSION citext WITH SCHEMA extensions;
CREATE TYPE mood AS ENUM ('calm', 'angry');
CREATE TYPE app.mood AS ENUM ('other');
CREATE DOMAIN email AS extensions.citext;
CREATE DOMAIN app.email AS integer;
CREATE FUNCTION shout(word text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT upper(word)';
CREATE FUNCTION app.shout(word text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''wrong''';
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE accounts (
    id integer PRIMARY KEY, name text NOT NULL, login extensions.citext NOT NULL UNIQUE, contact email,
    mood mood NOT NULL, moods mood[] NOT NULL, version bigint NOT NULL DEFAULT 1
);
CREATE TABLE app.accounts (id integer PRIMARY KEY, name text NOT NULL, note text);
INSERT INTO app.accounts VALUES (1, 'of the app', 'x'), (7, 'of the app, too', NULL);
CREATE TABLE labels (word extensions.citext PRIMARY KEY, is_old boolean NOT NULL DEFAULT false);
CREATE TABLE account_labels (
    account_id integer NOT NULL REFERENCES accounts ON DELETE CASCADE,
    word extensions.citext NOT NULL REFERENCES labels ON DELETE CASCADE, PRIMARY KEY (account_id, word)
);
CREATE TABLE app.account_labels (account_id integer, word text);
CREATE TABLE posts (
    id integer PRIMARY KEY, author extensions.citext NOT NULL REFERENCES accounts (login)
        ON DELETE CASCADE ON UPDATE CASCADE,
    text text NOT NULL
);
CREATE INDEX ON posts (author);
CREATE TABLE app.posts (id integer PRIMARY KEY)
