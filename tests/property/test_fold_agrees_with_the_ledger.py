"""The fold and the truth ledger were written apart; on any day they count the same."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import identity, tables
from contracts.events import EngagementEvent
from ingest.simulator.ledger import counting
from ingest.simulator.ledger.walk import Interaction, Known
from tests.property import folding


def known(same: list[EngagementEvent], page: str) -> Known:
    """One fact, told several times: exact beats approximate, then the earliest."""
    best = min(same, key=lambda e: (e.occurred_quality != "exact", e.occurred_at))
    actors = [page if e.actor_is_owner else e.actor_id for e in same if e.actor_id]
    return Known(best.action, best.version_key, best.occurred_at, min(actors, default=None), best.reaction)


def smallest(told: Iterable[str | None]) -> str | None:
    return min((one for one in told if one is not None), default=None)


def interactions(day: list[EngagementEvent]) -> list[Interaction]:
    relations: dict[tuple[str, str], dict[tuple[str, str], list[EngagementEvent]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for event in day:
        relations[event.account_id, event.interaction_key][event.action, event.version_key].append(event)
    found = []
    for (page, key), by_fact in relations.items():
        told = [event for same in by_fact.values() for event in same]
        any_event = told[0]
        found.append(
            Interaction(
                account=page,
                kind=any_event.kind,
                post=any_event.post_id,
                to_comment=any_event.parent_id is not None
                or (any_event.kind == "reaction" and any_event.target_id != any_event.post_id),
                alone=any_event.actor_id is None and any_event.kind in ("reaction", "follow"),
                facts=tuple(known(same, page) for same in by_fact.values()),
                subject=identity.split_key(key)[1],
                parent=smallest(event.parent_id for event in told),
                permalink=smallest(event.url for event in told),
            )
        )
    return found


def on_the_wire(table: str, rows: dict[tuple[Any, ...], dict[str, Any]]) -> set[tuple[Any, ...]]:
    """The ledger's rows with the values that a record of the table carries, in order."""
    names = [column.name for column in tables.load()[table].wire_columns]
    return {
        tuple(_plain(value) for value in (*key, *(row[name] for name in names[len(key) :])))
        for key, row in rows.items()
    }


def _plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, list):
        return tuple(value)
    return value.isoformat() if isinstance(value, dt.date) else value


RELATIONS = st.builds(
    folding.event,
    kind=st.sampled_from(("reaction", "reaction", "comment")),
    action=st.sampled_from(("add", "add", "update", "remove")),
    reaction=st.sampled_from(folding.REACTIONS),
    target=st.sampled_from(("p1", "p1", "p1_c")),
    at=st.sampled_from((folding.NOON, folding.NOON + 61_000, folding.NOON + 26 * 3_600_000)),
    exact=st.sampled_from((True, True, False)),
)
"""Facts of so few relations that they meet in every way."""


@settings(max_examples=400)
@given(st.lists(folding.events(), min_size=1, max_size=40))
def test_the_fold_counts_what_the_ledger_counts(day: list[EngagementEvent]) -> None:
    agree(day)


@given(st.lists(RELATIONS, min_size=2, max_size=8))
def test_they_agree_on_what_one_person_adds_changes_and_takes_back(day: list[EngagementEvent]) -> None:
    agree(day)


def agree(day: list[EngagementEvent]) -> None:
    _, written = folding.fold([folding.records(day)])
    standing = folding.latest(written)
    zones = dict(zip(folding.PAGES, folding.ZONES, strict=True))
    for table, expected in counting.tables("facebook", zones, interactions(day)).items():
        got = {tuple(row.values()) for (topic, _), row in standing.items() if topic == f"agg.{table}"}
        assert got == on_the_wire(table, expected), table
