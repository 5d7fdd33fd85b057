-- The writer may not change tables; through these two functions it makes the parts of partitioned tables that its
-- rows need, and drops the old ones. Minute tables have a part a day, hour tables one a month, both in UTC.
CREATE TABLE pipeline.partitions (
    table_name text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    part text NOT NULL,
    PRIMARY KEY (table_name, starts_at)
);
GRANT SELECT ON pipeline.partitions TO engagement_writer, engagement_reader;
COMMENT ON TABLE pipeline.partitions IS 'The parts of the range-partitioned tables.';
COMMENT ON COLUMN pipeline.partitions.table_name IS 'Table of analytics.';
COMMENT ON COLUMN pipeline.partitions.starts_at IS 'First instant that it holds.';
COMMENT ON COLUMN pipeline.partitions.ends_at IS 'First instant that it no longer holds.';
COMMENT ON COLUMN pipeline.partitions.part IS 'Name of the part in schema partitions.';

CREATE FUNCTION pipeline.ensure_partitions(wanted_table text, moments_ms bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s'
AS $$
DECLARE
    unit text;
    starts timestamptz;
    ends timestamptz;
    part text;
BEGIN
    -- One at a time: several writers may want the same part.
    PERFORM pg_advisory_xact_lock(hashtext('pipeline.partitions'));
    SELECT CASE pg_get_partkeydef(c.oid) WHEN 'RANGE (minute)' THEN 'day' WHEN 'RANGE (hour)' THEN 'month' END
        INTO unit
        FROM pg_class AS c
        WHERE c.relnamespace = 'analytics'::regnamespace AND c.relname = wanted_table AND c.relkind = 'p';
    IF unit IS NULL THEN
        RAISE EXCEPTION 'analytics.% is not partitioned by minute or hour', wanted_table;
    END IF;
    FOR starts IN
        SELECT DISTINCT date_trunc(unit, 'epoch'::timestamptz + moment * interval '1 millisecond')
            FROM unnest(moments_ms) AS moment
        EXCEPT SELECT p.starts_at FROM pipeline.partitions AS p WHERE p.table_name = wanted_table
    LOOP
        IF starts < '2004-01-01' OR starts >= '2200-01-01' THEN
            RAISE EXCEPTION 'no row can lie at %', starts USING ERRCODE = 'datetime_field_overflow';
        END IF;
        ends := starts + ('1 ' || unit)::interval;
        part := wanted_table || '_' || to_char(starts, CASE unit WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
        -- Made apart and attached: readers of the table are not locked out.
        EXECUTE format('CREATE TABLE partitions.%I (LIKE analytics.%I INCLUDING ALL)', part, wanted_table);
        EXECUTE format('ALTER TABLE analytics.%I ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)',
                       wanted_table, part, starts, ends);
        INSERT INTO pipeline.partitions VALUES (wanted_table, starts, ends, part);
    END LOOP;
END
$$;
COMMENT ON FUNCTION pipeline.ensure_partitions IS 'Makes the parts of a table in which these instants lie (epoch milliseconds).';

CREATE FUNCTION pipeline.drop_partitions(wanted_table text, before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s'
AS $$
DECLARE
    old pipeline.partitions;
    dropped integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('pipeline.partitions'));
    FOR old IN SELECT * FROM pipeline.partitions AS p WHERE p.table_name = wanted_table AND p.ends_at <= before LOOP
        EXECUTE format('DROP TABLE partitions.%I', old.part);
        DELETE FROM pipeline.partitions AS p WHERE p.table_name = old.table_name AND p.starts_at = old.starts_at;
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION pipeline.drop_partitions IS 'Drops the parts of a table that end at or before an instant; answers how many.';

GRANT EXECUTE ON FUNCTION pipeline.ensure_partitions, pipeline.drop_partitions TO engagement_writer;
