CREATE TABLE users (id uuid PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE teams (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE documents (
    id uuid PRIMARY KEY, title text NOT NULL, user_id uuid REFERENCES users (id), team_id integer REFERENCES teams (id),
    CHECK (num_nonnulls(user_id, team_id) = 1)
);
CREATE UNIQUE INDEX documents_user_id_title_idx ON documents (user_id, title);
CREATE TABLE notes (
    id integer PRIMARY KEY, body text NOT NULL, team_id integer REFERENCES teams (id), user_id uuid REFERENCES users (id), version bigint NOT NULL DEFAULT 1,
    CONSTRAINT notes_about CHECK (num_nulls(team_id, user_id) >= 1)
);
CREATE TABLE shares (
    id integer PRIMARY KEY, "byUser" uuid REFERENCES users (id), "byTeam" integer REFERENCES teams (id),
    document_id uuid REFERENCES documents (id), note_id integer REFERENCES notes (id), of_user text REFERENCES users (name),
    CHECK (("byUser" IS NULL) <> ("byTeam" IS NULL)),
    CHECK ((document_id IS NOT NULL)::int + (note_id IS NOT NULL)::int + (of_user IS NOT NULL)::int = 1)
);
