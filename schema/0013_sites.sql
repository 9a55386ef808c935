-- Where runners are: an address is one value.
CREATE TYPE street_address AS (street text, city text, country text);

CREATE TABLE sites (
    id      uuid PRIMARY KEY,
    name    text NOT NULL UNIQUE,
    address street_address NOT NULL,
    former  street_address[] NOT NULL DEFAULT '{}'
);
