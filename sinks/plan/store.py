"""Writes a plan into `analytics.editorial_plan`, and reads what became of it."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import class_row

from runtime.imports import Changes
from sinks.plan.slots import Slot

_UPSERT = """
    INSERT INTO analytics.editorial_plan AS t
        (platform, account_id, source, slot_id, planned_at, tolerance_minutes, format, pillar, title)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (platform, account_id, slot_id) DO UPDATE SET
        source = excluded.source, planned_at = excluded.planned_at, tolerance_minutes = excluded.tolerance_minutes,
        format = excluded.format, pillar = excluded.pillar, title = excluded.title, imported_at = now()
    WHERE (t.source, t.planned_at, t.tolerance_minutes, t.format, t.pillar, t.title) IS DISTINCT FROM (excluded.source,
        excluded.planned_at, excluded.tolerance_minutes, excluded.format, excluded.pillar, excluded.title)
"""
_OF_ACCOUNT = "platform = %s AND account_id = %s"


class UnknownAccount(Exception):
    """The account is not among the configured ones, so nobody knows its zone."""


class Account(NamedTuple):
    platform: str
    account_id: str


class Outcome(NamedTuple):
    """A slot and what became of it: kept, missed or open."""

    slot_id: str
    planned_at: dt.datetime
    outcome: str
    minutes_off: float | None
    pillar: str | None
    title: str | None


def zone_of(connection: psycopg.Connection, account: Account) -> ZoneInfo:
    """The zone that decides the account's days; raises UnknownAccount."""
    found = connection.execute(f"SELECT zone FROM analytics.accounts WHERE {_OF_ACCOUNT}", account).fetchone()
    if found is None:
        raise UnknownAccount(f"account {':'.join(account)} is not configured")
    return ZoneInfo(found[0])


def write(
    connection: psycopg.Connection, account: Account, slots: Sequence[Slot], source: str, *, replace: bool
) -> Changes:
    """All slots or none. `replace` also deletes the slots that came from `source` earlier and are not among them."""
    ids = [slot.slot_id for slot in slots]
    with connection.transaction(), connection.cursor() as cursor:
        found = cursor.execute(f"SELECT slot_id FROM analytics.editorial_plan WHERE {_OF_ACCOUNT}", account).fetchall()
        added = len(set(ids) - {slot_id for (slot_id,) in found})
        cursor.executemany(_UPSERT, [(*account, source, *_values(slot)) for slot in slots])
        written = cursor.rowcount if slots else 0
        removed = 0
        if replace:
            cursor.execute(
                f"DELETE FROM analytics.editorial_plan WHERE {_OF_ACCOUNT} AND source = %s AND slot_id <> ALL (%s)",
                (*account, source, ids),
            )
            removed = cursor.rowcount
    return Changes(added, written - added, len(ids) - written, removed)


def outcomes(connection: psycopg.Connection, account: Account) -> list[Outcome]:
    """Every slot of the account in its order, with what became of it."""
    with connection.cursor(row_factory=class_row(Outcome)) as cursor:
        return cursor.execute(
            f"SELECT {', '.join(Outcome._fields)} FROM analytics.editorial_adherence"
            f" WHERE {_OF_ACCOUNT} AND slot_id IS NOT NULL ORDER BY planned_at, slot_id",
            account,
        ).fetchall()


def _values(slot: Slot) -> tuple[object, ...]:
    return (slot.slot_id, slot.planned_at, slot.tolerance_minutes, slot.format, slot.pillar, slot.title)
