CREATE TABLE days (day timestamptz PRIMARY KEY, name text NOT NULL);
CREATE TABLE talks (
    at timestamptz PRIMARY KEY,
    day timestamptz NOT NULL REFERENCES days,
    written_at timestamp NOT NULL,
    updated_at timestamp NOT NULL
);
CREATE INDEX ON talks (day);
CREATE TABLE seats (
    id integer PRIMARY KEY,
    at timestamptz NOT NULL REFERENCES talks,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT now()
);
CREATE INDEX ON seats (at);
