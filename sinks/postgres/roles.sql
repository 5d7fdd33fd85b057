-- The roles and their rights on the database, for one that was not made by deploy/postgres/roles.sh (which also
-- lets them log in). Needs a superuser; does nothing to a role that exists.
--   engagement_migrator  owns what the migrations create
--   engagement_writer    the sink: changes rows, never tables
--   engagement_reader    Grafana and apps: reads, and cannot hold the server for long
--   engagement_planner   apps that plan: reads as the reader does, and writes the editorial plan alone
--   engagement_people_reader  to be granted to whom may know names: reads as the reader does, and analytics.people
DO $$
BEGIN
    IF to_regrole('engagement_migrator') IS NULL THEN
        CREATE ROLE engagement_migrator NOLOGIN;
    END IF;
    IF to_regrole('engagement_writer') IS NULL THEN
        CREATE ROLE engagement_writer NOLOGIN;
    END IF;
    IF to_regrole('engagement_reader') IS NULL THEN
        CREATE ROLE engagement_reader NOLOGIN;
        ALTER ROLE engagement_reader SET default_transaction_read_only = on;
        ALTER ROLE engagement_reader SET statement_timeout = '15s';
    END IF;
    IF to_regrole('engagement_planner') IS NULL THEN
        CREATE ROLE engagement_planner NOLOGIN IN ROLE engagement_reader;
        ALTER ROLE engagement_planner SET statement_timeout = '15s';
    END IF;
    IF to_regrole('engagement_people_reader') IS NULL THEN
        CREATE ROLE engagement_people_reader NOLOGIN IN ROLE engagement_reader;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    -- TEMPORARY: a materialised view is refreshed by way of a temporary table of its owner.
    EXECUTE format('GRANT CONNECT, CREATE, TEMPORARY ON DATABASE %I TO engagement_migrator', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO engagement_writer', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO engagement_reader', current_database());
    REVOKE CREATE ON SCHEMA public FROM PUBLIC;
END
$$;
