-- Who is called when a pipeline fails, and what they are told to do.

CREATE TABLE teams (
    id      uuid PRIMARY KEY,
    name    text NOT NULL UNIQUE,
    lead_id uuid                                 -- one of the members; NULL: nobody yet
);

CREATE TABLE team_members (
    id      uuid PRIMARY KEY,
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    rank    integer NOT NULL,
    name    text NOT NULL,
    UNIQUE (team_id, rank)
);

COMMENT ON COLUMN team_members.rank IS 'They are called in this order, starting with 1.';

ALTER TABLE teams
    ADD CONSTRAINT teams_lead_id_fkey FOREIGN KEY (lead_id) REFERENCES team_members (id) ON DELETE SET NULL;

CREATE INDEX teams_lead_id_idx ON teams (lead_id);

-- A runbook always has a current revision, and a revision always has its runbook: the two are checked at the end.
CREATE TABLE runbooks (
    id         uuid PRIMARY KEY,
    title      text NOT NULL UNIQUE,
    current_id uuid NOT NULL
);

CREATE TABLE runbook_revisions (
    id         uuid PRIMARY KEY,
    runbook_id uuid NOT NULL REFERENCES runbooks (id) ON DELETE CASCADE,
    number     integer NOT NULL,
    body       text NOT NULL,
    UNIQUE (runbook_id, number)
);

ALTER TABLE runbooks
    ADD CONSTRAINT runbooks_current_id_fkey FOREIGN KEY (current_id) REFERENCES runbook_revisions (id)
        DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX runbooks_current_id_idx ON runbooks (current_id);
