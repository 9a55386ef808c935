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
