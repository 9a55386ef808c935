CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS hstore;
CREATE TYPE floatrange AS RANGE (subtype = float8);
CREATE DOMAIN span AS int4range;
CREATE DOMAIN code AS varbit(4);
CREATE TABLE bookings (
    id integer PRIMARY KEY, days daterange NOT NULL, hours int8multirange NOT NULL DEFAULT '{}', seats int4range, at tstzrange, plain tsrange, spans int4range[] NOT NULL DEFAULT '{}', own span
);
CREATE UNIQUE INDEX bookings_seats_idx ON bookings (seats);
CREATE TABLE rooms (period daterange PRIMARY KEY, label text NOT NULL);
CREATE TABLE things (
    id integer PRIMARY KEY, net cidr NOT NULL, mac macaddr, wide macaddr8, flags bit(8) NOT NULL DEFAULT B'00000001', bits varbit, doc xml, words tsvector, query tsquery, price money, place point,
    lsn pg_lsn, path ltree NOT NULL DEFAULT 'a.b', pairs hstore, floats floatrange, nets cidr[] NOT NULL DEFAULT '{}', zone timetz, flag "char" NOT NULL DEFAULT 'x', lots bit(4)[] NOT NULL DEFAULT '{}', short varbit(3), code code
);
CREATE TABLE hosts (net cidr PRIMARY KEY, label text NOT NULL);
CREATE TABLE host_notes (id integer PRIMARY KEY, net cidr NOT NULL REFERENCES hosts (net), body text NOT NULL);
CREATE INDEX host_notes_net_idx ON host_notes (net);
CREATE TYPE mood AS ENUM ('calm', 'wild, (odd)');
CREATE DOMAIN zip_code AS text CHECK (VALUE <> '');
CREATE TYPE geo AS (lat float8, lon float8);
CREATE TYPE address AS (
    street text, zip zip_code, "houseNo" integer, since timestamptz, tags text[], here geo, mood mood, moods mood[], data jsonb, raw bytea, key uuid, days daterange, span interval, there geo[]
);
CREATE TABLE people (id integer PRIMARY KEY, home address NOT NULL, away address, others address[] NOT NULL DEFAULT '{}', spot geo);
CREATE UNIQUE INDEX people_spot_idx ON people (spot);
CREATE TYPE grid AS (x integer, y integer);
CREATE TABLE fields (at grid PRIMARY KEY, label text NOT NULL);
CREATE TABLE pieces (id integer PRIMARY KEY, at grid REFERENCES fields (at) ON DELETE CASCADE, name text NOT NULL);
CREATE INDEX pieces_at_idx ON pieces (at);
