-- Pipelines belong to somebody since the second release. The older ones have no owner.

ALTER TABLE pipelines
    ADD COLUMN owner_id uuid REFERENCES users (id) ON DELETE SET NULL;

CREATE INDEX pipelines_owner_id_idx ON pipelines (owner_id);

-- Operators ship new plugins by plain SQL and forget `updated_at`.
CREATE FUNCTION touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

CREATE TRIGGER plugins_touch_updated_at
    BEFORE UPDATE ON plugins
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
