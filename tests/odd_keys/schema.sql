CREATE TYPE color AS ENUM ('red', 'not red', 'blue');

CREATE DOMAIN owner_key AS uuid;

CREATE SCHEMA "Other Schema";

CREATE TABLE "Other Schema"."Owner" (
    "Primary Key" owner_key PRIMARY KEY,
    "user"        text NOT NULL UNIQUE
);

CREATE TABLE "Other Schema"."Part" (
    "Tenant"   integer NOT NULL,
    number     integer NOT NULL,
    "Owner Id" owner_key NOT NULL REFERENCES "Other Schema"."Owner" ("Primary Key"),
    "user"     text REFERENCES "Other Schema"."Owner" ("user"),
    "order"    integer NOT NULL,
    PRIMARY KEY ("Tenant", number)
);

CREATE INDEX ON "Other Schema"."Part" ("Owner Id");
CREATE INDEX ON "Other Schema"."Part" ("user");

CREATE TABLE notes (
    id   bigint PRIMARY KEY,
    text text NOT NULL
);

CREATE TABLE part_notes (
    note_id bigint NOT NULL REFERENCES notes (id),
    tenant  integer NOT NULL,
    part    integer NOT NULL,
    FOREIGN KEY (tenant, part) REFERENCES "Other Schema"."Part" ("Tenant", number),
    PRIMARY KEY (tenant, part, note_id)
);

CREATE INDEX ON part_notes (note_id);

CREATE TABLE kinds (
    name   color PRIMARY KEY,
    parent color REFERENCES kinds (name)
);

CREATE INDEX ON kinds (parent);

CREATE TABLE boxes (
    id      integer PRIMARY KEY,
    kind    color NOT NULL REFERENCES kinds (name),
    note_id integer REFERENCES notes (id), -- of another type than the key
    slot    text NOT NULL,
    is_open boolean NOT NULL DEFAULT false,
    UNIQUE (note_id, slot)
);

CREATE INDEX ON boxes (kind);
CREATE UNIQUE INDEX ON boxes (kind) WHERE is_open;

-- The rows.

INSERT INTO "Other Schema"."Owner" VALUES
    ('00000000-0000-0000-0000-000000000001', 'u1'),
    ('00000000-0000-0000-0000-000000000002', 'u2');

INSERT INTO "Other Schema"."Part" VALUES
    (1, 1, '00000000-0000-0000-0000-000000000001', 'u2', 1),
    (1, 2, '00000000-0000-0000-0000-000000000001', NULL, 2),
    (2, 1, '00000000-0000-0000-0000-000000000002', 'u2', 1);

INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three');

INSERT INTO part_notes VALUES (1, 1, 1), (2, 1, 1), (3, 1, 2), (1, 2, 1);

INSERT INTO kinds VALUES ('red', NULL), ('not red', 'red'), ('blue', 'not red');

INSERT INTO boxes VALUES
    (1, 'red', 2, 'a', false),
    (2, 'red', 2, 'b', true),
    (3, 'red', NULL, 'c', false),
    (4, 'blue', 1, 'a', false);
