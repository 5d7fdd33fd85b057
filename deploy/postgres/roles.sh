#!/bin/sh
# The login roles, created once with the database: the container runs this at its first start, the embedded server too.
#   engagement_migrator  owns the database and creates what is in it
#   engagement_writer    the sink: reads and writes the tables that the migrations grant it
#   engagement_reader    Grafana and apps: reads, and cannot hold the server for long
#   engagement_planner   apps that plan: reads as the reader does, and writes the editorial plan alone
#   engagement_people_reader  to be granted to whom may know names: reads as the reader does, and analytics.people
set -eu
SECRETS="${SECRETS:-/run/secrets}"
export SECRETS
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set database="$POSTGRES_DB" <<'SQL'
\set migrator_password `cat "$SECRETS/postgres_migrator_password"`
\set writer_password `cat "$SECRETS/postgres_writer_password"`
\set reader_password `cat "$SECRETS/postgres_reader_password"`
\set planner_password `cat "$SECRETS/postgres_planner_password"`
CREATE ROLE engagement_migrator LOGIN PASSWORD :'migrator_password';
CREATE ROLE engagement_writer LOGIN PASSWORD :'writer_password';
CREATE ROLE engagement_reader LOGIN PASSWORD :'reader_password';
ALTER ROLE engagement_reader SET default_transaction_read_only = on;
ALTER ROLE engagement_reader SET statement_timeout = '15s';
CREATE ROLE engagement_planner LOGIN PASSWORD :'planner_password' IN ROLE engagement_reader;
ALTER ROLE engagement_planner SET statement_timeout = '15s';
CREATE ROLE engagement_people_reader NOLOGIN IN ROLE engagement_reader;
ALTER DATABASE :"database" OWNER TO engagement_migrator;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE :"database" TO engagement_writer;
GRANT CONNECT ON DATABASE :"database" TO engagement_reader;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SQL
