"""What comes too late for a grain is counted as late there, and counts in the coarser ones."""

from contracts import topics
from tests.property import folding

DAY = 86_400_000


def rows_of(age_days: int) -> tuple[set[str], dict[str, int]]:
    """Tables that an event of this age reaches when the account is already at NOON, and the late counts."""
    state = folding.new_state()
    folding.fold([folding.records([folding.event(actor="bob", at=folding.NOON)])], state)
    late = folding.event(actor="ann", at=folding.NOON - age_days * DAY)
    _, written = folding.fold([folding.records([late])], state)
    return {topic.removeprefix("agg.engagement_by_") for topic, _ in folding.latest(written)}, state.tally.late_events


def test_within_every_retention_all_grains_count() -> None:
    tables, late = rows_of(2)
    assert {"post_minute", "post_hour", "post_day", "post"} <= tables
    assert late == {}


def test_after_the_minutes_the_hours_count() -> None:
    tables, late = rows_of(4)
    assert "post_minute" not in tables
    assert {"post_hour", "post_day", "post"} <= tables
    assert late == {"minute": 1}


def test_after_the_hours_the_days_count() -> None:
    tables, late = rows_of(40)
    assert "post_hour" not in tables
    assert {"post_day", "post", "account_day"} <= tables
    assert late == {"minute": 1, "hour": 1}


def test_older_than_the_interactions_counts_nowhere() -> None:
    tables, late = rows_of(401)
    assert tables == set()
    assert late == {"interaction": 1}


def test_a_tick_makes_time_pass_for_a_silent_account() -> None:
    state = folding.new_state()
    folding.fold([folding.records([folding.event(at=folding.NOON)])], state)
    state.fold(topics.EVENTS.name, [folding.tick(folding.NOON + 4 * DAY)])
    folding.fold([folding.records([folding.event(actor="bob", at=folding.NOON)])], state)
    assert state.tally.late_events == {"minute": 1}


def test_a_row_that_was_let_go_is_not_made_again() -> None:
    state = folding.new_state()
    folding.fold([folding.records([folding.event(at=folding.NOON)])], state)
    state.fold(topics.EVENTS.name, [folding.tick(folding.NOON + 4 * DAY)])
    unlike = folding.event(action="remove", at=folding.NOON + 4 * DAY)
    _, written = folding.fold([folding.records([unlike])], state)
    minutes = [row for (topic, _), row in folding.latest(written).items() if topic.endswith("by_post_minute")]
    assert [(row["minute"], row["likes_removed"]) for row in minutes] == [(folding.NOON + 4 * DAY, 1)]


def test_bad_records_are_put_aside_and_their_neighbours_count() -> None:
    good = folding.records([folding.event(actor=name) for name in ("ann", "bob")])
    bad = [
        (7, good[0][1], b"{"),
        (8, good[0][1], None),
        (9, None, good[0][2]),
        (10, good[0][1], (good[0][2] or b"").replace(b'"schema":1', b'"schema":2')),
        (11, good[0][1], (good[0][2] or b"").replace(b'"occurred_at":1', b'"occurred_at":9999999')),
        (12, good[0][1], (good[0][2] or b"").replace(b'"kind":"reaction"', b'"kind":"stare"')),
    ]
    state, written = folding.fold([[good[0], *bad, good[1]]])
    reasons = {one.offset: one.reason for one in state.rejected}
    assert reasons == {
        7: "invalid_record",
        8: "invalid_record",
        9: "invalid_record",
        10: "unknown_schema",
        11: "invalid_record",
        12: "invalid_record",
    }
    rows = [row for (topic, _), row in folding.latest(written).items() if topic == "agg.engagement_by_post"]
    assert [row["likes"] for row in rows] == [2]


def test_more_than_64_facts_of_one_interaction_are_refused() -> None:
    many = [folding.event(at=folding.NOON + n, action="add" if n % 2 == 0 else "remove") for n in range(65)]
    state, _ = folding.fold([folding.records(many)])
    assert [one.reason for one in state.rejected] == ["too_many_facts"]


def test_what_was_let_go_is_late_when_it_comes_again_whether_or_not_it_is_remembered() -> None:
    once = folding.records([folding.event(at=folding.NOON)])
    known, _ = folding.fold([once])
    for state in (known, folding.new_state()):
        state.fold(topics.EVENTS.name, [folding.tick(folding.NOON + 401 * DAY), *once])
        assert (state.tally.late_events, state.tally.duplicate_facts) == ({"interaction": 1}, 0)


def test_the_newest_event_is_known_though_a_tick_was_ahead_of_it() -> None:
    state = folding.new_state()
    state.fold(topics.EVENTS.name, [folding.tick(folding.NOON), *folding.records([folding.event(at=folding.NOON - 1)])])
    assert state.newest_event_at == folding.NOON - 1


def test_a_time_that_no_calendar_holds_is_refused_and_time_stands() -> None:
    state = folding.new_state()
    (last,) = folding.records([folding.event(at=253_402_300_799_999)])
    state.fold(topics.EVENTS.name, [last, folding.tick(2**60)])
    assert [one.reason for one in state.rejected] == ["invalid_record", "invalid_record"]
    assert state.ticked_at == 0


def test_a_person_with_a_longer_name_of_hex_digits_is_kept_like_any_other() -> None:
    state, written = folding.fold([folding.records([folding.event(kind="share", actor="1" * 40)])])
    folding.reload(again := folding.new_state(), written)
    assert again.register.interactions == state.register.interactions


def test_somebody_whose_name_is_empty_is_not_nobody() -> None:
    _, written = folding.fold([folding.records([folding.event(kind="comment", actor="")])])
    rows = folding.latest(written)
    (life,) = [row for (topic, _), row in rows.items() if topic == "agg.engagement_by_post"]
    (member,) = [row for (topic, _), row in rows.items() if topic == "agg.community_members"]
    assert (life["anonymous"], life["unique_engagers"], member["comments"]) == (0, 1, 1)
