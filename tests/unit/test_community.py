"""People of an account who come, stay away, come back and are forgotten, and the days that show it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from contracts import topics
from contracts.config import Retention
from contracts.events import EngagementEvent
from contracts.topics import DAY_MS
from processors.engagement.organic import Organic, processor
from processors.engine.state import Change
from tests.property import folding
from tests.property.folding import CAT, NOON, Row, event, records, tick

FORGOTTEN = 402
"""Days until what happened at noon lies behind all that is remembered."""


def remembering(days: int) -> Organic:
    """A state that remembers interactions for longer than people."""
    config = replace(folding.config(), retention=Retention(hour_days=3, day_days=days))
    state = processor(config).new_state(0, 0, 1)
    assert isinstance(state, Organic)
    return state


def at(days: int, post: str = "p1", **fields: Any) -> EngagementEvent:
    """Something done to a post so many days after noon."""
    return folding.moved(event(target=post, post=post, **fields), NOON + days * DAY_MS)


def table(written: Sequence[Change], name: str) -> list[Row]:
    return [row for (topic, _), row in sorted(folding.latest(written).items()) if topic == f"agg.{name}"]


def member(written: Sequence[Change], actor: str = "ann") -> Row:
    (row,) = [row for row in table(written, "community_members") if row["actor_id"] == actor]
    return row


def days(written: Sequence[Change], column: str) -> dict[int, object]:
    """The column by days after the first row's."""
    return {number: row[column] for number, row in enumerate(table(written, "community_by_account_day")) if row[column]}


def test_somebody_new_is_seen_joins_and_leaves_after_ninety_days() -> None:
    _, written = folding.fold([[*records([event()]), tick(NOON + 100 * DAY_MS)]])
    assert days(written, "active_1d") == {0: 1}
    assert list(days(written, "active_7d")) == list(range(7))
    assert list(days(written, "active_28d")) == list(range(28))
    assert days(written, "joined") == {0: 1}
    assert list(days(written, "held")) == list(range(1, 90))
    assert days(written, "left_levels") == {90: 1}
    assert member(written)["level"] == 0


def test_a_leap_in_time_gives_the_rows_that_small_steps_give() -> None:
    start = records([at(0), at(3), at(40, kind="share", object_id="s"), at(41, kind="share", actor="bob")])
    _, leap = folding.fold([start, [tick(NOON + 500 * DAY_MS)]])
    _, steps = folding.fold([start, *([tick(NOON + n * DAY_MS // 2)] for n in range(80, 1001))])
    for name in ("community_members", "community_by_account_day"):
        assert table(leap, name) == table(steps, name)


def test_who_came_back_after_four_weeks_is_reactivated() -> None:
    back = [at(0), at(28, post="p2"), at(57, post="p3")]
    _, written = folding.fold([records(back)])
    assert list(days(written, "returning_engagers")) == [28, 57]
    assert list(days(written, "reactivated_engagers")) == [57]


def test_a_forgotten_person_leaves_the_state_but_not_the_table_and_is_new_again() -> None:
    state, written = folding.fold([records([event()]), [tick(NOON + FORGOTTEN * DAY_MS)]])
    assert state.entries()["members"] == 0
    assert member(written)["reactions"] == 1
    _, rest = folding.fold([records([at(FORGOTTEN, post="p2")])], state)
    again = member([*written, *rest])
    assert (again["reactions"], again["first_seen_day"]) == (1, again["last_seen_day"])
    assert [row["new_engagers"] for row in table(rest, "engagement_by_account_day")] == [1]


def test_a_restarted_worker_has_forgotten_whom_it_had() -> None:
    state, written = folding.fold([records([event()]), [tick(NOON + FORGOTTEN * DAY_MS)]])
    restarted = folding.new_state()
    folding.reload(restarted, written)
    assert restarted.entries()["members"] == state.entries()["members"] == 0


def test_what_is_told_of_a_time_too_long_ago_makes_nobody_seen() -> None:
    state = remembering(100)
    _, written = folding.fold([records([at(200, actor="bob"), at(0), at(1, actor="bob")])], state)
    assert [row["actor_id"] for row in table(written, "community_members")] == ["bob"]
    assert member(written, "bob")["active_days"] == 1
    assert sum(int(str(row["likes"])) for row in table(written, "engagement_by_post")) == 2


def test_taking_back_what_was_done_before_one_was_forgotten_counts_for_nothing() -> None:
    state = remembering(100)
    undone = at(202, action="remove", actor="ann")
    _, written = folding.fold([records([at(0), at(200, post="p2"), undone])], state)
    assert member(written)["reactions"] == 1
    assert sum(int(str(row["likes_removed"])) for row in table(written, "engagement_by_post")) == 1


def test_who_was_only_named_later_has_no_row_until_they_come() -> None:
    said = [
        event(kind="comment", actor=None, object_id="c"),
        event(kind="comment", action="hide", actor="ann", object_id="c"),
    ]
    state, written = folding.fold([records(said)])
    assert table(written, "community_members") == []
    restarted = folding.new_state()
    folding.reload(restarted, written)
    for one in (state, restarted):
        _, rest = folding.fold([records([at(1)])], one)
        assert (member(rest)["comments"], member(rest)["reactions"], member(rest)["active_days"]) == (1, 1, 1)


def test_a_comment_that_is_deleted_without_a_name_is_still_its_authors() -> None:
    for actor in (CAT, "ann"):
        said = event(kind="comment", actor=actor, object_id="c")
        deleted = at(1, kind="comment", action="remove", actor=None, object_id="c")
        _, written = folding.fold([records([said]), records([deleted])])
        assert member(written, actor)["comments"] == 0


def test_mentions_and_shares_make_an_ambassador() -> None:
    mentions = [at(n, kind="mention", actor=CAT, object_id=f"m{n}") for n in range(2)]
    _, written = folding.fold([records(mentions[:1])])
    assert member(written, CAT)["ambassador_reasons"] == ("level",)
    _, written = folding.fold([records(mentions)])
    row = member(written, CAT)
    assert (row["mentions"], row["level"], row["is_ambassador"]) == (2, 7, True)
    assert row["ambassador_reasons"] == ("level", "advocacy")


def test_a_mention_is_in_the_accounts_rows_alone_whatever_post_it_names() -> None:
    mention = replace(event(kind="mention", actor=CAT, object_id="m"), post_id="p1")
    _, written = folding.fold([records([mention])])
    counted = {topic for topic, _ in folding.latest(written) if topic.startswith("agg.engagement_by_")}
    assert counted == {f"agg.engagement_by_account_{grain}" for grain in ("minute", "hour", "day")}
    assert [row["mentions"] for row in table(written, "engagement_by_account_day")] == [1]


def test_days_and_weeks_are_bits_from_the_last_and_from_the_first() -> None:
    _, written = folding.fold([records([at(n, post=f"p{n}") for n in (0, 2, 64, 65)])])
    row = member(written)
    assert row["active_days"] == 4
    assert row["recent_days"] == 0b11 - 2**63  # the day 64 before the last is out, that of 63 before it is not
    first, last = dt.date.fromisoformat(str(row["first_seen_day"])), dt.date.fromisoformat(str(row["last_seen_day"]))
    assert (last - first).days == 65
    weeks = {((first + dt.timedelta(n)).toordinal() - 1) // 7 - (first.toordinal() - 1) // 7 for n in (0, 2, 64, 65)}
    assert row["active_weeks"] == sum(1 << week for week in weeks)


def test_a_person_of_many_years_keeps_no_more_than_is_asked_for() -> None:
    state = folding.new_state()
    written: list[Change] = []
    for year in range(4):
        _, more = folding.fold([records([at(365 * year + n, post=f"{year}_{n}") for n in range(0, 365, 5)])], state)
        written += more
    (account,) = state.accounts.values()
    kept = account.community.people["ann"]
    assert isinstance(kept, dict)
    assert len(kept) < 270
    assert member(written)["reactions"] == 4 * 73


def test_an_event_topic_with_nothing_but_time_gives_no_rows() -> None:
    state = folding.new_state()
    state.fold(topics.EVENTS.name, [tick(NOON), tick(NOON + 3 * DAY_MS)])
    assert table(list(state.changes(1)), "community_by_account_day") == []
