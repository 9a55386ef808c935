ALTER TABLE lockers RENAME COLUMN colour TO paint;
ALTER TABLE lockers
    DROP COLUMN weight;
