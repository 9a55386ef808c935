CREATE TABLE users (id uuid PRIMARY KEY);
CREATE TABLE teams (id integer PRIMARY KEY);
CREATE TABLE documents (
    id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), team_id integer REFERENCES teams (id), author_id uuid REFERENCES users (id),
    CHECK (num_nonnulls(user_id, team_id) = 1)
);
CREATE TABLE notes (
    id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), team_id integer REFERENCES teams (id), CHECK (num_nonnulls(user_id, team_id) <= 1)
);
CREATE TABLE drafts (id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), team_id integer REFERENCES teams (id));
CREATE TABLE shares (
    id uuid PRIMARY KEY, by_user uuid REFERENCES users (id), by_team integer REFERENCES teams (id),
    document_id uuid REFERENCES documents (id), note_id uuid REFERENCES notes (id),
    CHECK (num_nonnulls(by_user, by_team) = 1), CHECK (num_nonnulls(document_id, note_id) = 1)
);
CREATE TABLE tasks (
    id uuid PRIMARY KEY, user_id uuid REFERENCES users (id), team_id integer REFERENCES teams (id), document_id uuid REFERENCES documents (id),
    CHECK (num_nonnulls(user_id, team_id, document_id) = 1)
);
