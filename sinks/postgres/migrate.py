"""Brings a database to the schema of this code: numbered files, each in a transaction, each once.

Objects belong to the role engagement_migrator, whoever connects. What was applied is known by number and digest,
so that a file edited afterwards, or a database newer than the code, is noticed and refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import psycopg

from contracts import platforms
from contracts.config import Account

LOCK = 0x656E676D  # any number, as long as it stays
OWNER = "engagement_migrator"
ROLES = (OWNER, "engagement_writer", "engagement_reader", "engagement_planner", "engagement_people_reader")


class SchemaMismatch(Exception):
    """The database is not what this code expects; the message says in what."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return sha256(self.sql.encode()).hexdigest()


def load() -> list[Migration]:
    """All migrations, in order."""
    directory = files("sinks.postgres.migrations")
    names = sorted(entry.name for entry in directory.iterdir() if entry.name.endswith(".sql"))
    return [Migration(int(name[:4]), name, (directory / name).read_text("utf-8")) for name in names]


def migrate(dsn: str) -> list[str]:
    """Apply what is missing; answers the names of what was applied. Several at once wait for each other."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        _ensure_roles(connection)
        missing = _missing(connection, load())
        for migration in missing:
            with connection.transaction():
                connection.execute(f"SET LOCAL ROLE {OWNER}")
                connection.execute(migration.sql.encode())
                connection.execute(
                    "INSERT INTO pipeline.migrations (number, name, sha256) VALUES (%s, %s, %s)",
                    [migration.number, migration.name, migration.digest],
                )
        _write_unsent_kinds(connection)
    return [migration.name for migration in missing]


def check(connection: psycopg.Connection) -> None:
    """SchemaMismatch unless exactly the migrations of this code are applied."""
    if missing := _missing(connection, load()):
        raise SchemaMismatch(f"not applied: {', '.join(migration.name for migration in missing)}")


def upsert_accounts(connection: psycopg.Connection, accounts: Sequence[Account]) -> None:
    """Write the configured accounts; those that are no longer configured stay, since their rows do."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.accounts (platform, account_id, brand, name, zone, currency, connected_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (platform, account_id) DO UPDATE SET"
            " brand = excluded.brand, name = excluded.name, zone = excluded.zone, currency = excluded.currency,"
            " connected_at = excluded.connected_at",
            [(a.platform, a.id, a.brand, a.name, a.zone, a.currency, a.connected_at) for a in accounts],
        )


def _write_unsent_kinds(connection: psycopg.Connection) -> None:
    """What the views have to know of `contracts.platforms`."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {OWNER}")
        cursor.execute("DELETE FROM pipeline.unsent_kinds")
        cursor.executemany(
            "INSERT INTO pipeline.unsent_kinds (platform, kind) VALUES (%s, %s)",
            [(platform, kind) for platform in platforms.SENDS for kind in sorted(platforms.unsent(platform))],
        )


def _ensure_roles(connection: psycopg.Connection) -> None:
    found = {
        name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(ROLES)])
    }
    if missing := [role for role in ROLES if role not in found]:
        try:
            connection.execute((files("sinks.postgres") / "roles.sql").read_bytes())
        except psycopg.errors.InsufficientPrivilege:
            raise SchemaMismatch(
                f"no role {', '.join(missing)}: a superuser makes it with sinks/postgres/roles.sql"
            ) from None


def _missing(connection: psycopg.Connection, known: Sequence[Migration]) -> list[Migration]:
    applied = _applied(connection)
    for migration in known:
        if applied.pop(migration.number, migration.digest) != migration.digest:
            raise SchemaMismatch(f"{migration.name} was changed after it was applied")
    if applied:
        raise SchemaMismatch(f"the database is newer than this code: it has migration {max(applied)}")
    done = _applied(connection)
    return [migration for migration in known if migration.number not in done]


def _applied(connection: psycopg.Connection) -> dict[int, str]:
    row = connection.execute("SELECT to_regclass('pipeline.migrations') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return {}
    return dict(connection.execute("SELECT number, sha256 FROM pipeline.migrations").fetchall())
