CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE counters (
    id integer PRIMARY KEY, name text NOT NULL, small smallint NOT NULL DEFAULT 1, wide bigint NOT NULL DEFAULT 1, share double precision NOT NULL DEFAULT 1,
    maybe integer, note text, code varchar(40) NOT NULL DEFAULT 'c', mail citext NOT NULL DEFAULT 'm', tags text[] NOT NULL DEFAULT '{}',
    day date NOT NULL DEFAULT '2024-02-28', at timestamptz NOT NULL DEFAULT '2024-02-28 12:00:00+00', plain timestamp, span interval NOT NULL DEFAULT '1 hour',
    doc jsonb NOT NULL DEFAULT '{}', plain_doc json, maybe_doc jsonb
);
CREATE TABLE accounts (
    id integer PRIMARY KEY, slug text NOT NULL, email text NOT NULL, nick text, tenant integer, kind citext NOT NULL DEFAULT 'k', deleted boolean NOT NULL DEFAULT false, visits integer NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX accounts_live_slug_idx ON accounts (slug) WHERE NOT deleted;
CREATE UNIQUE INDEX accounts_dead_slug_idx ON accounts (slug, tenant) WHERE deleted;
CREATE UNIQUE INDEX accounts_email_idx ON accounts (lower(email));
CREATE UNIQUE INDEX accounts_nick_idx ON accounts (coalesce(nick, 'nobody'), tenant) NULLS NOT DISTINCT WHERE visits < 1000;
CREATE UNIQUE INDEX accounts_slug_again_idx ON accounts (slug) WHERE visits > 5;
CREATE UNIQUE INDEX accounts_kind_idx ON accounts (kind, slug) WHERE kind <> 'k';
CREATE TABLE folders (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent integer, title text NOT NULL, size integer NOT NULL DEFAULT 0, UNIQUE NULLS NOT DISTINCT (parent, title));
CREATE TABLE notes (id integer PRIMARY KEY, label text NOT NULL UNIQUE, made timestamptz NOT NULL, changed timestamp NOT NULL);
