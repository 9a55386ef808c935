-- Texts that are compared in another way than byte by byte.

CREATE EXTENSION IF NOT EXISTS citext;

CREATE DOMAIN address AS citext;

CREATE TABLE mailboxes (
    id      integer PRIMARY KEY,
    name    citext NOT NULL,
    address address,
    plain   text NOT NULL,
    code    varchar(20) NOT NULL
);
