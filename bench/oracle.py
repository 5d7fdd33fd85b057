"""Counts a second time: the tables that follow from the events on the source topic, by the simulator's ledger.

The ledger shares no line with the processors. What differs from it is a wrong row.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import psycopg

from contracts import tables
from contracts.config import Config
from contracts.events import Action, Kind, Quality
from contracts.table import Table
from deploy.local import reconcile
from ingest.simulator.ledger import counting
from ingest.simulator.ledger.walk import Interaction, Known

WireRows = dict[tuple[Any, ...], tuple[Any, ...]]
"""Grain -> values, as a record of the table carries them."""


class Told(msgspec.Struct, gc=False):
    """What the ledger needs of an event."""

    account_id: str
    kind: Kind
    action: Action
    interaction_key: str
    version_key: str
    post_id: str | None
    target_id: str
    occurred_at: int
    occurred_quality: Quality
    actor_id: str | None = None
    actor_is_owner: bool = False
    parent_id: str | None = None
    reaction: str | None = None


_told = msgspec.json.Decoder(Told).decode


class Oracle:
    """`expected`: the tables that follow from the values of all event records; ticks are not among them."""

    def __init__(self, config: Config, events: Iterable[bytes]) -> None:
        relations: dict[tuple[str, str], dict[tuple[str, str], Told]] = {}
        self.events = 0
        for value in events:
            told = _told(value)
            self.events += 1
            known = relations.setdefault((told.account_id, told.interaction_key), {})
            fact = told.action, told.version_key
            known[fact] = min(known.get(fact, told), told, key=_certainty)
        zones = {account.id: account.zone for account in config.accounts}
        self.expected = counting.tables("facebook", zones, map(_interaction, relations.values()))
        self.rows = sum(map(len, self.expected.values()))

    def wrong_on_topics(self, found: Mapping[str, WireRows]) -> int:
        """How many rows of the aggregate topics' newest records are missing, other than expected, or too many."""
        return sum(
            _differing(on_the_wire(tables.load()[name], rows), found.get(name, {}))
            for name, rows in self.expected.items()
        )

    def wrong_in_postgres(self, dsn: str) -> int:
        """The same for the tables."""
        with psycopg.connect(dsn) as connection:
            return sum(
                len(reconcile.compare(rows, reconcile.read(connection, name, rows)).mismatches)
                for name, numbers in self.expected.items()
                if (rows := counting.without_unsent("facebook", numbers))
            )


def on_the_wire(table: Table, rows: counting.Rows) -> WireRows:
    """The ledger's rows as records of the table carry them."""
    names = [column.name for column in table.wire_columns[len(table.key) :]]
    return {tuple(map(_plain, key)): tuple([row[name] for name in names]) for key, row in rows.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return int(value.timestamp() * 1000)
    return value.isoformat() if isinstance(value, dt.date) else value


def _differing(expected: WireRows, got: WireRows) -> int:
    return sum(got.get(key) != values for key, values in expected.items()) + len(got.keys() - expected.keys())


def _certainty(told: Told) -> tuple[bool, int]:
    return told.occurred_quality != "exact", told.occurred_at


def _interaction(facts: Mapping[tuple[str, str], Told]) -> Interaction:
    one = next(iter(facts.values()))
    return Interaction(
        account=one.account_id,
        kind=one.kind,
        post=one.post_id,
        to_comment=one.parent_id is not None or (one.kind == "reaction" and one.target_id != one.post_id),
        alone=one.actor_id is None and one.kind in ("reaction", "follow"),
        facts=tuple(
            Known(f.action, f.version_key, f.occurred_at, f.account_id if f.actor_is_owner else f.actor_id, f.reaction)
            for f in facts.values()
        ),
    )
