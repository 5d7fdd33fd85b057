"""Facts that come later than each retention: a model that keeps every fact says what counts where, and what is late."""

import datetime as dt
from collections import Counter, defaultdict
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts.config import Retention
from contracts.events import EngagementEvent
from processors.engagement.organic import Organic, processor
from processors.engine.state import Record
from tests.property import folding

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
PAGE, ZONE = "1001", ZoneInfo("Pacific/Auckland")
KEPT = {"minute": 3 * DAY, "hour": 35 * DAY, "day": 60 * DAY, "interaction": 80 * DAY}
RETENTION = Retention(minute_days=3, hour_days=35, day_days=60, interaction_days=80)
DELAYS = (
    *(0, 0, 0, 0, 7 * MINUTE, 30 * HOUR),
    *(kept + extra for kept in KEPT.values() for extra in (-DAY, -1, 0, 1, MINUTE, HOUR, DAY, 25 * HOUR)),
    *(20 * DAY, 50 * DAY, 70 * DAY, 90 * DAY, 200 * DAY),
)
REGULARS, RARE = ("ann", "bob", folding.CAT), ("dan", "eve", "fay")
BETWEEN = (0, MINUTE, 5 * HOUR, 11 * HOUR, DAY, 2 * DAY)


class Late(NamedTuple):
    """A fact, and when it comes: by then time has been told to have passed."""

    event: EngagementEvent
    comes_at: int


def play(seed: int, facts: int = 400) -> list[Late]:
    """Shares and comments in about a year; some people come so seldom that they are forgotten in between."""
    chance, now, played = Random(seed), folding.NOON, []
    for number in range(facts):
        now += chance.choice(BETWEEN)
        one = folding.event(
            kind=chance.choice(("share", "comment")),
            actor=chance.choice(RARE if chance.random() < 0.03 else REGULARS),
            object_id=f"c{number}",
            at=now - chance.choice(DELAYS),
        )
        played.append(Late(one, now))
    return played


def local_day(time_ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(time_ms // 1000, ZONE).date()


def end_of(day: dt.date) -> int:
    return int(dt.datetime.combine(day + dt.timedelta(1), dt.time(), ZONE).timestamp() * 1000)


class Model:
    """What every fact counts, one after the other."""

    def __init__(self) -> None:
        self.late: Counter[str] = Counter()
        self.counts: dict[tuple[str, object], Counter[str]] = defaultdict(Counter)
        self.engagers: dict[str, set[str | None]] = defaultdict(set)
        self.comments: set[str] = set()
        self.forgotten = 0
        self.members: dict[str | None, tuple[int, int, str, str]] = {}
        self._days: dict[str | None, Counter[tuple[dt.date, str]]] = defaultdict(Counter)

    def take(self, fact: Late) -> None:
        one, now = fact.event, fact.comes_at
        at, kind = one.occurred_at, f"{one.kind}s"
        if at <= now - KEPT["interaction"]:
            self.late["interaction"] += 1
            return
        day = local_day(at)
        windows: tuple[tuple[str, object, int], ...] = (
            ("minute", at // MINUTE * MINUTE, at // MINUTE * MINUTE + MINUTE),
            ("hour", at // HOUR * HOUR, at // HOUR * HOUR + HOUR),
            ("day", day.isoformat(), end_of(day)),
        )
        for grain, window, end in windows:
            if end <= now - KEPT[grain]:
                self.late[grain] += 1
            else:
                self.counts[grain, window][kind] += 1
        self.counts["life", None][kind] += 1
        if one.kind == "comment":
            self.comments.add(one.interaction_key.partition("|")[2])
        self._meet(one, day, local_day(end_of(local_day(now)) - 1 - KEPT["day"]))

    def _meet(self, one: EngagementEvent, day: dt.date, oldest: dt.date) -> None:
        for actor in [actor for actor, of in self._days.items() if max(d for d, _ in of) < oldest]:
            del self._days[actor]
            self.forgotten += 1
        known = self._days.get(one.actor_id)
        if day < min([oldest, *(d for d, _ in known or ())]):
            return
        if day >= oldest:
            self.engagers[day.isoformat()].add(one.actor_id)
        did = self._days[one.actor_id]
        did[day, one.kind] += 1
        of_kind = Counter({kind: sum(n for (_, k), n in did.items() if k == kind) for _, kind in did})
        first, last = min(d for d, _ in did), max(d for d, _ in did)
        self.members[one.actor_id] = of_kind["share"], of_kind["comment"], first.isoformat(), last.isoformat()


def new_state() -> Organic:
    state = processor(replace(folding.config(), retention=RETENTION)).new_state(0, 0, 1)
    assert isinstance(state, Organic)
    return state


def log_of(played: list[Late]) -> list[Record]:
    return [r for one in played for r in (folding.tick(one.comes_at), *folding.records([one.event]))]


def fold(log: list[Record], at_once: int) -> tuple[folding.Rows, dict[str, int]]:
    """The rows in the end, and how many facts were late, whatever is folded at once."""
    state, batches = new_state(), [log[start : start + at_once] for start in range(0, len(log), at_once)]
    _, written = folding.fold(batches, state)
    return folding.latest(written), state.tally.late_events


STEPS = (0, 1, 2, 3, 4, 6, 8, 29, 30, 34, 35, 36, 59, 60, 61, 79, 80, 81, 100, 130, 170)


@st.composite
def deeds(draw: st.DrawFn) -> EngagementEvent:
    """Anything at all, at a time that lies some retention away from the others'."""
    one = draw(folding.events())
    return folding.moved(one, one.occurred_at + draw(st.sampled_from(STEPS)) * DAY)


ticks = st.lists(st.sampled_from(STEPS).map(lambda days: folding.tick(folding.NOON + days * DAY)), max_size=5)


@settings(max_examples=150)
@given(st.lists(deeds(), min_size=1, max_size=20), ticks, st.data())
def test_flushes_and_restarts_decide_nothing_that_is_for_time_to_decide(
    year: list[EngagementEvent], told: list[Record], data: st.DataObject
) -> None:
    log: list[Record] = data.draw(st.permutations([*folding.records(year), *told]))
    once, late = fold(log, len(log))
    state, written, counted = new_state(), [], Counter[str]()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(log)), max_size=5)))
    for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        _, more = folding.fold([log[start:end]], state)
        written += more
        counted.update(state.tally.late_events)
        state = new_state()
        folding.reload(state, written)
    assert folding.latest(written) == once
    assert counted == late


def of_table(rows: folding.Rows, table: str) -> list[dict[str, object]]:
    return [row for (topic, _), row in rows.items() if topic == f"agg.{table}"]


@pytest.mark.parametrize(("seed", "at_once"), [(1, 1), (2, 7), (3, 50), (4, 10_000)])
def test_what_is_late_for_a_grain_counts_in_the_coarser_ones_and_is_counted_as_late(seed: int, at_once: int) -> None:
    played, model = play(seed), Model()
    for one in played:
        model.take(one)
    rows, late = fold(log_of(played), at_once)
    assert late == model.late
    assert set(late) == set(KEPT)
    for grain in ("minute", "hour", "day"):
        expected = {
            window: (counts["shares"], counts["comments"])
            for (of, window), counts in model.counts.items()
            if of == grain
        }
        for holder in ("post", "account"):
            found = of_table(rows, f"engagement_by_{holder}_{grain}")
            assert {row[grain]: (row["shares"], row["comments"]) for row in found} == expected, (holder, grain)
    (life,) = of_table(rows, "engagement_by_post")
    assert {"shares": life["shares"], "comments": life["comments"]} == model.counts["life", None]
    assert {row["comment_id"] for row in of_table(rows, "inbound_comments")} == model.comments


@pytest.mark.parametrize(("seed", "at_once"), [(5, 1), (6, 7), (7, 50), (8, 10_000)])
def test_people_are_known_by_what_came_in_time_to_be_remembered(seed: int, at_once: int) -> None:
    played, model = play(seed), Model()
    for one in played:
        model.take(one)
    rows, _ = fold(log_of(played), at_once)
    columns = ("shares", "comments", "first_seen_day", "last_seen_day")
    members = {row["actor_id"]: tuple(row[c] for c in columns) for row in of_table(rows, "community_members")}
    assert members == model.members
    assert model.forgotten
    days = {str(row["day"]): row["unique_engagers"] for row in of_table(rows, "engagement_by_account_day")}
    assert {day: n for day, n in days.items() if n} == {day: len(who) for day, who in model.engagers.items()}
    active = {str(row["day"]): row["active_1d"] for row in of_table(rows, "community_by_account_day")}
    assert {day: n for day, n in active.items() if n} == {day: len(who) for day, who in model.engagers.items()}


@pytest.mark.parametrize(
    ("late_by", "anomalies", "late"),
    [
        (0, 2, {}),
        (2 * DAY, 2, {}),
        (5 * DAY, 2, {"minute": 25}),
        (6 * DAY, 2, {"minute": 25}),
        (6 * DAY + HOUR, 0, {"minute": 25}),
        (40 * DAY, 0, {"minute": 25, "hour": 25}),
        (70 * DAY, 0, {"minute": 25, "hour": 25, "day": 25}),
        (81 * DAY, 0, {"interaction": 25}),
    ],
)
def test_a_burst_is_judged_while_what_it_is_measured_by_is_kept_and_counts_beyond_that(
    late_by: int, anomalies: int, late: dict[str, int]
) -> None:
    """Hours are kept for 35 days, of which 29 are what an hour is measured by."""
    now = folding.NOON
    usual = [folding.event(kind="share", object_id=f"u{n}", at=now - late_by - n * HOUR) for n in range(13, 20)]
    burst = [folding.event(kind="share", object_id=f"b{n}", at=now - late_by) for n in range(25)]
    log = [*folding.records(usual), folding.tick(now), *folding.records(burst)]
    rows, counted = fold(log, len(log))
    assert counted == late
    assert len(of_table(rows, "engagement_anomalies")) == anomalies
    (life,) = of_table(rows, "engagement_by_post")
    assert life["shares"] == (7 if "interaction" in late else 32)
