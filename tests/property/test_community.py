"""The community's people and days follow from the facts and from how far time has come, however both arrive."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Action, EngagementEvent
from contracts.topics import DAY_MS
from ingest.simulator.ledger import community, people
from processors.engine.state import Change, Record
from tests.property import folding
from tests.property.folding import NOON
from tests.property.test_fold_agrees_with_the_ledger import interactions, on_the_wire

MEMBERS, DAYS = "community_members", "community_by_account_day"
ZONES = dict(zip(folding.PAGES, folding.ZONES, strict=True))
STEPS = (0, 1, 2, 5, 6, 7, 8, 13, 27, 28, 29, 30, 59, 60, 89, 90, 91, 179, 180, 269, 270, 300, 390)
"""Days between things that happen: around the ends of every span that anything looks back over."""


@st.composite
def deeds(draw: st.DrawFn) -> EngagementEvent:
    """Something that somebody did in the course of a year."""
    one = draw(folding.events())
    at = one.occurred_at + draw(st.sampled_from(STEPS)) * DAY_MS
    return folding.moved(one, at)


years = st.lists(deeds(), min_size=1, max_size=25)
LATE = NOON + 391 * DAY_MS
AGAIN: tuple[tuple[Action, int, str], ...] = (
    ("add", LATE, ""),
    ("remove", LATE + 1, ""),
    ("update", LATE + 2, "again"),
)
times = st.lists(st.sampled_from(STEPS).map(lambda days: NOON + days * DAY_MS), max_size=4)


def rows(written: Sequence[Change], table: str) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for (topic, _), row in folding.latest(written).items() if topic == f"agg.{table}"}


def todays(year: Sequence[EngagementEvent], ticks: Sequence[int]) -> dict[str, dt.date]:
    """The local day to which time has come at each page."""
    found = {}
    for page, zone in ZONES.items():
        newest = max((*ticks, *(e.occurred_at for e in year if e.account_id == page)), default=0)
        found[page] = dt.datetime.fromtimestamp(newest // 1000, ZoneInfo(zone)).date()
    return found


@settings(max_examples=400)
@given(years, times, st.data())
def test_both_tables_are_the_ledgers_in_any_order_with_ticks_between_and_restarts(
    year: list[EngagementEvent], ticks: list[int], data: st.DataObject
) -> None:
    log: list[Record] = data.draw(st.permutations([*folding.records(year), *map(folding.tick, ticks)]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=3)))
    state, written = folding.new_state(), []
    for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        _, more = folding.fold([log[start:end]], state)
        written += more
        if data.draw(st.booleans()):
            state = folding.new_state()
            folding.reload(state, written)
    lives = people.lives(ZONES, interactions(year))
    today = todays(year, ticks)
    assert rows(written, MEMBERS) == on_the_wire(MEMBERS, community.members("facebook", lives, today))
    assert rows(written, DAYS) == on_the_wire(DAYS, community.by_account_day("facebook", lives, today))


@settings(max_examples=200)
@given(years)
def test_people_of_a_day_a_week_and_four_are_a_recount_by_sets(year: list[EngagementEvent]) -> None:
    told = [e for e in year if e.occurred_quality == "exact" and e.action in ("add", "update")]
    exact = list({e.event_id: e for e in told}.values())
    came = {(e.account_id, local_day(e), e.actor_id) for e in exact if e.actor_id is not None and not e.actor_is_owner}
    _, written = folding.fold([folding.records(exact)])
    for _, page, date, daily, weekly, monthly, *_ in rows(written, DAYS):
        day = dt.date.fromisoformat(date)
        for found, length in ((daily, 1), (weekly, 7), (monthly, 28)):
            assert found == len({who for at, on, who in came if at == page and 0 <= (day - on).days < length})


def local_day(event: EngagementEvent) -> dt.date:
    return dt.datetime.fromtimestamp(event.occurred_at // 1000, ZoneInfo(ZONES[event.account_id])).date()


@settings(max_examples=200)
@given(years, st.sampled_from(("reaction", "follow", "comment", "share", "mention")))
def test_taking_back_and_doing_again_leaves_everything_as_it_was(year: list[EngagementEvent], kind: Any) -> None:
    did, undid, redid = (
        folding.event(kind=kind, actor=folding.CAT, action=action, at=at, object_id="again", edit=edit)
        for action, at, edit in AGAIN
    )
    _, written = folding.fold([folding.records([*year, did])])
    _, rest = folding.fold([folding.records([*year, did, undid, redid])])
    assert rows(rest, MEMBERS) == rows(written, MEMBERS)
    assert rows(rest, DAYS) == rows(written, DAYS)
