-- When a pipeline runs by itself: up to ten slots for each.

CREATE TABLE schedules (
    pipeline_id uuid NOT NULL REFERENCES pipelines (id) ON DELETE CASCADE,
    slot        smallint NOT NULL CHECK (slot BETWEEN 0 AND 9),
    cron        text NOT NULL,
    is_enabled  boolean NOT NULL DEFAULT true,
    PRIMARY KEY (pipeline_id, slot)
);

CREATE TABLE schedule_runs (
    id          uuid PRIMARY KEY,
    pipeline_id uuid NOT NULL,
    slot        smallint NOT NULL,
    due_at      timestamptz NOT NULL,
    was_late    boolean NOT NULL DEFAULT false,
    FOREIGN KEY (pipeline_id, slot) REFERENCES schedules (pipeline_id, slot) ON DELETE CASCADE
);

CREATE INDEX schedule_runs_schedule_idx ON schedule_runs (pipeline_id, slot, due_at);

-- Who pays. The accounts come from the books, which know them by number.

CREATE SCHEMA billing;

CREATE TABLE billing.accounts (
    id       uuid PRIMARY KEY,
    number   text NOT NULL UNIQUE,
    owner_id uuid NOT NULL UNIQUE REFERENCES users (id) ON DELETE RESTRICT,
    credit   numeric(14, 4) NOT NULL DEFAULT 0
);

CREATE TABLE billing.invoices (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_number text NOT NULL REFERENCES billing.accounts (number) ON UPDATE CASCADE ON DELETE RESTRICT,
    pipeline_id    uuid REFERENCES pipelines (id) ON DELETE SET NULL,
    amount         numeric(14, 4) NOT NULL,
    issued_on      date NOT NULL DEFAULT current_date,
    paid_at        timestamptz
);

CREATE INDEX invoices_account_number_idx ON billing.invoices (account_number, issued_on);
CREATE INDEX invoices_pipeline_id_idx ON billing.invoices (pipeline_id);
