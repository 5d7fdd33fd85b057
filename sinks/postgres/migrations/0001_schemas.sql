-- The schemas, who may do what in them, and the list of applied migrations.
CREATE SCHEMA analytics;
COMMENT ON SCHEMA analytics IS 'The tables and views that applications read.';
CREATE SCHEMA partitions;
COMMENT ON SCHEMA partitions IS 'Parts of the range-partitioned tables of analytics; read them through those.';
CREATE SCHEMA pipeline;
COMMENT ON SCHEMA pipeline IS 'How far the pipeline has come, and what it could not use.';

REVOKE ALL ON SCHEMA analytics, partitions, pipeline FROM PUBLIC;
GRANT USAGE ON SCHEMA analytics, pipeline TO engagement_writer, engagement_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO engagement_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO engagement_reader;

CREATE TABLE pipeline.migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON pipeline.migrations TO engagement_writer, engagement_reader;
COMMENT ON TABLE pipeline.migrations IS 'Migrations that were applied, with the digest of what was run.';
COMMENT ON COLUMN pipeline.migrations.number IS 'Its place in the order.';
COMMENT ON COLUMN pipeline.migrations.name IS 'File name.';
COMMENT ON COLUMN pipeline.migrations.sha256 IS 'Digest of the file; a file that changed after it was applied is refused.';
COMMENT ON COLUMN pipeline.migrations.applied_at IS 'When.';
