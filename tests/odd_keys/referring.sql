-- Foreign keys whose bytes are not those of what they refer to.

CREATE TABLE depots (
    id   bigint PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE carts (
    id       integer PRIMARY KEY,
    depot_id integer REFERENCES depots (id),
    version  bigint NOT NULL DEFAULT 1
);

CREATE INDEX ON carts (depot_id);

CREATE TABLE countries (
    id   integer PRIMARY KEY,
    code text NOT NULL UNIQUE
);

CREATE FUNCTION upper_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.code := upper(NEW.code); RETURN NEW; END $$;

CREATE TRIGGER upper_code BEFORE INSERT ON countries FOR EACH ROW EXECUTE FUNCTION upper_code();

CREATE TABLE ports (
    id      integer PRIMARY KEY,
    country text REFERENCES countries (code),
    version bigint NOT NULL DEFAULT 1
);

CREATE INDEX ON ports (country);
