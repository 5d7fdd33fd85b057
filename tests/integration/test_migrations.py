"""The migrated database is the declared one, column by column, and its roles may do what they should."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from contracts import tables
from contracts.table import COUNTS, FOLLOWS, Table
from deploy.local.stack import LocalStack
from sinks.postgres import dictionary, migrate, refresher, statements
from sinks.postgres.migrate import SchemaMismatch
from tests.integration.sink_run import as_role

COLUMNS = """
    SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable,
           CASE WHEN a.attgenerated = 's' THEN pg_get_expr(d.adbin, d.adrelid) END AS generated,
           col_description(a.attrelid, a.attnum) AS doc
    FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
TYPES = {"timestamptz": "timestamp with time zone"}


@pytest.fixture
def connection(dsn: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def by_name(columns: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in columns}


def test_migrating_again_does_nothing(dsn: str) -> None:
    assert migrate.migrate(dsn) == []
    with psycopg.connect(dsn) as connection:
        migrate.check(connection)


@pytest.mark.parametrize("table", tables.load().values(), ids=lambda table: table.name)
def test_a_declared_table_stands_as_it_is_declared(
    connection: psycopg.Connection[dict[str, Any]], table: Table
) -> None:
    """In whatever order: a column that came later stands at the end."""
    name = f"{statements.SCHEMA}.{table.name}"
    found = by_name(connection.execute(COLUMNS, [name]).fetchall())
    assert {column: {**row, "generated": bool(row["generated"])} for column, row in found.items()} == {
        column.name: {
            "name": column.name,
            "type": TYPES.get(column.type, column.type),
            "nullable": column.may_be_null,
            "generated": bool(column.generated),
            "doc": column.doc,
        }
        for column in table.columns
    }
    connection.execute(statements.created(table).replace(f"{statements.SCHEMA}.", "pg_temp.").encode())
    assert found == by_name(connection.execute(COLUMNS, [f"pg_temp.{table.name}"]).fetchall())
    [about] = connection.execute(
        "SELECT obj_description(c.oid) AS doc, pg_get_partkeydef(c.oid) AS partitioning,"
        " array(SELECT a.attname::text FROM pg_index AS i"
        " CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place)"
        " JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number"
        " WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place) AS key"
        " FROM pg_class AS c WHERE c.oid = %s::regclass",
        [name],
    ).fetchall()
    time = statements.time_column(table).name
    assert about == {
        "doc": table.doc,
        "partitioning": f"RANGE ({time})" if table.range_partitioned else None,
        "key": [column.name for column in table.key],
    }


def test_there_is_no_table_that_is_not_declared(connection: psycopg.Connection[dict[str, Any]]) -> None:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'analytics'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    assert {row["relname"] for row in found} == {
        *tables.load(),
        "accounts",
        "ambassador_codes",
        "currency_rates",
        "editorial_plan",
        "imported_buyers",
        "people",
    }


def test_every_table_view_and_column_says_what_it_means(connection: psycopg.Connection[dict[str, Any]]) -> None:
    silent = connection.execute(
        "SELECT c.oid::regclass::text AS relation, a.attname::text AS name FROM pg_class AS c"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.relnamespace IN ('analytics'::regnamespace, 'pipeline'::regnamespace)"
        " AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND (col_description(c.oid, a.attnum) IS NULL OR obj_description(c.oid) IS NULL)"
    ).fetchall()
    assert silent == []


def test_the_dictionary_explains_every_relation_and_column(connection: psycopg.Connection[dict[str, Any]]) -> None:
    text = dictionary.render([migration.sql for migration in migrate.load()])
    sections = {section.partition("\n")[0]: section for section in text.split("## ")}
    missing = [
        (row["relation"], row["name"])
        for row in connection.execute(
            "SELECT c.oid::regclass::text AS relation, a.attname::text AS name FROM pg_class AS c"
            " JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
            " WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')"
        ).fetchall()
        if f"| `{row['name']}` |" not in sections[row["relation"]]
    ]
    assert missing == []


def test_a_persons_comments_are_found_without_reading_all(connection: psycopg.Connection[dict[str, Any]]) -> None:
    """Rows wait for an erasure, and of comments there are ever more."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO analytics.inbound_comments (platform, account_id, comment_id, post_id, actor_id, asked_at,"
            " is_removed, is_hidden, needs_answer, version, updated_at) SELECT 'facebook', '1', n::text, 'p', n::text,"
            " now(), false, false, true, 1, now() FROM generate_series(1, 5000) AS n"
        )
        connection.execute("ANALYZE analytics.inbound_comments")
        plan = connection.execute(
            "EXPLAIN UPDATE analytics.inbound_comments SET actor_id = NULL"
            " WHERE platform = 'facebook' AND actor_id = '7' AND asked_at < now()"
        ).fetchall()
    assert "inbound_comments_by_person" in str(plan)


def test_the_reader_reads_all_but_what_is_sealed_and_writes_nothing(server: LocalStack, dsn: str) -> None:
    with psycopg.connect(as_role(dsn, server.dsn("reader")), autocommit=True) as reader:
        for name in (*tables.load(), "accounts", "post_totals", "post_rates", "account_rates", "account_rates_day"):
            reader.execute(f"SELECT * FROM analytics.{name}".encode())
        for name in ("sink_offsets", "applied_positions", "freshness", "leases", "migrations", "partitions"):
            reader.execute(f"SELECT * FROM pipeline.{name}".encode())
        reader.execute("SELECT dead_letter_id, reason, detail FROM pipeline.dead_letters")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT sealed FROM pipeline.dead_letters")
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("DELETE FROM analytics.posts")
        reader.execute("SET default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM analytics.posts")
        assert reader.execute("SHOW statement_timeout").fetchone() == ("15s",)


def test_the_writer_changes_rows_and_nothing_else(server: LocalStack, dsn: str) -> None:
    with psycopg.connect(as_role(dsn, server.dsn("writer")), autocommit=True) as writer:
        writer.execute("DELETE FROM analytics.posts")
        refused = (
            "ALTER TABLE analytics.posts ADD COLUMN a int",
            "DROP TABLE analytics.posts",
            "TRUNCATE analytics.posts",
            "CREATE TABLE partitions.mine (a int)",
            "DELETE FROM pipeline.migrations",
            "DELETE FROM pipeline.partitions",
        )
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                writer.execute(statement)
        with pytest.raises(psycopg.errors.RaiseException):
            writer.execute("SELECT pipeline.ensure_partitions('posts', '{0}')")


def test_a_database_with_rows_is_brought_on(server: LocalStack) -> None:
    """The partitions that stand take what is new in their table, and rows of before say nothing of mentions."""
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS test_migrations_older WITH (FORCE)")
        connection.execute("CREATE DATABASE test_migrations_older OWNER engagement_migrator")
    older = as_role(server.superuser_dsn.rpartition("/")[0] + "/test_migrations_older", server.dsn("migrator"))
    before, since = migrate.load()[:5], migrate.load()[5:]
    counts = [column for column in (*COUNTS, *FOLLOWS) if column.kind != "mentions"]
    add = (
        "INSERT INTO analytics.engagement_by_account_hour"
        f" (platform, account_id, hour, {', '.join(column.name for column in counts)}, version, updated_at)"
        f" VALUES ('facebook', %s, '2026-09-01T00:00Z', {', '.join(['%s'] * len(counts))}, 1, now())"
    )
    with psycopg.connect(older, autocommit=True) as connection:
        for migration in before:
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO pipeline.migrations (number, name, sha256) VALUES (%s, %s, %s)",
                [migration.number, migration.name, migration.digest],
            )
        connection.execute("SELECT pipeline.ensure_partitions('engagement_by_account_hour', '{1788220800000}')")
        connection.execute(add.encode(), ["1", *range(len(counts))])
        assert migrate.migrate(older) == [migration.name for migration in since]
        connection.execute(add.encode(), ["2", *(None if column.kind else 0 for column in counts)])
        found = connection.execute(
            "SELECT likes, net_likes, mentions FROM analytics.engagement_by_account_hour ORDER BY account_id"
        ).fetchall()
    assert found == [(0, -1, None), (None, None, None)]
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE test_migrations_older WITH (FORCE)")


def test_a_migration_that_was_changed_afterwards_is_refused(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE pipeline.migrations SET sha256 = 'another' WHERE number = 3")
        with pytest.raises(SchemaMismatch, match=r"0003_tables\.sql was changed"):
            migrate.check(connection)
        connection.rollback()


def test_a_database_that_is_newer_or_older_than_the_code_is_refused(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO pipeline.migrations (number, name, sha256) VALUES (9999, 'future', '')")
        with pytest.raises(SchemaMismatch, match="newer"):
            migrate.check(connection)
        connection.rollback()
        connection.execute("DELETE FROM pipeline.migrations WHERE number = 5")
        with pytest.raises(SchemaMismatch, match="not applied: 0005"):
            migrate.check(connection)
        connection.rollback()


def test_a_database_without_the_roles_gets_them_from_a_superuser(server: LocalStack) -> None:
    """Another cluster would be needed to see them made; here they exist, and the script must be harmless."""
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS test_migrations_other WITH (FORCE)")
        connection.execute("CREATE DATABASE test_migrations_other")
    other = server.superuser_dsn.rpartition("/")[0] + "/test_migrations_other"
    try:
        with psycopg.connect(other, autocommit=True) as connection:
            connection.execute((files("sinks.postgres") / "roles.sql").read_bytes())
        assert migrate.migrate(other)
        with psycopg.connect(other, autocommit=True) as connection:
            assert "community_rfm" in refresher.refresh_changed(connection)
            owners = connection.execute(
                "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'analytics'::regnamespace"
            ).fetchall()
        assert owners == [("engagement_migrator",)]
    finally:
        with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
            connection.execute("DROP DATABASE test_migrations_other WITH (FORCE)")
