CREATE TYPE "BookState" AS ENUM ('IN_PRINT', 'OUT_OF_PRINT');
CREATE TABLE "Author" ("id" integer PRIMARY KEY, "fullName" text NOT NULL UNIQUE);
CREATE TABLE "Book" (
    "id" integer PRIMARY KEY, "authorId" integer NOT NULL REFERENCES "Author", "shelfMark" text NOT NULL, "state" "BookState" NOT NULL,
    "soldCopies" integer NOT NULL DEFAULT 0, "createdAt" timestamptz NOT NULL DEFAULT now(), odd_one text
);
CREATE INDEX ON "Book" ("authorId")
