-- What a step runs.

CREATE TYPE plugin_type AS ENUM ('source', 'transform', 'sink');

CREATE TABLE plugins (
    id            uuid PRIMARY KEY,
    name          text NOT NULL,
    version       text NOT NULL,                 -- of the plugin's release, such as 1.4.2
    plugin_type   plugin_type NOT NULL,
    configuration jsonb NOT NULL DEFAULT '{}',
    capabilities  text[] NOT NULL DEFAULT '{}',
    price_per_run numeric(12, 4),                -- in euros; NULL: free of charge
    checksum      bytea CHECK (octet_length(checksum) = 32),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (name, version)
);

COMMENT ON COLUMN plugins.checksum IS 'SHA-256 of the archive.';

CREATE INDEX plugins_sources_idx ON plugins (name) WHERE plugin_type = 'source';
CREATE INDEX plugins_capabilities_idx ON plugins USING gin (capabilities);
