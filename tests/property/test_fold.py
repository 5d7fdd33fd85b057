"""Laws of the fold: the rows depend on the set of facts alone."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import EngagementEvent
from tests.property import folding

days = st.lists(folding.events(), min_size=1, max_size=30)


@settings(max_examples=300)
@given(days, st.data())
def test_any_order_any_batching_and_any_repetition_give_the_same_rows(day: list[EngagementEvent], data: Any) -> None:
    repeated = day + data.draw(st.lists(st.sampled_from(day), max_size=10))
    shuffled = folding.records(data.draw(st.permutations(repeated)))
    cut = data.draw(st.integers(0, len(shuffled)))
    _, once = folding.fold([folding.records(day)])
    _, again = folding.fold([shuffled[:cut], shuffled[cut:]])
    assert folding.latest(again) == folding.latest(once)


@st.composite
def shares(draw: st.DrawFn) -> EngagementEvent:
    """One of two shares, of which every delivery may name another post, another time, or nobody."""
    return folding.event(
        kind="share",
        action=draw(st.sampled_from(("add", "add", "remove"))),
        actor=draw(st.sampled_from((folding.CAT, None))),
        at=folding.NOON + draw(st.sampled_from((0, 1, 61_000, 26 * 3_600_000))),
        exact=draw(st.booleans()),
        object_id=draw(st.sampled_from(("s1", "s2"))),
        post=draw(st.sampled_from(("p1", "p2", "p3", None))),
    )


@settings(max_examples=300)
@given(st.lists(shares() | folding.events(), min_size=1, max_size=12), st.data())
def test_deliveries_of_a_share_that_name_different_posts_count_at_one_in_any_order(
    day: list[EngagementEvent], data: Any
) -> None:
    shuffled = folding.records(data.draw(st.permutations(day)))
    cut = data.draw(st.integers(0, len(shuffled)))
    _, once = folding.fold([folding.records(day)])
    state, before = folding.fold([shuffled[:cut]])
    restarted = folding.new_state()
    folding.reload(restarted, before)
    _, straight = folding.fold([shuffled[cut:]], state)
    _, afterwards = folding.fold([shuffled[cut:]], restarted)
    assert folding.latest([*before, *straight]) == folding.latest(once)
    assert folding.latest([*before, *afterwards]) == folding.latest(once)


@settings(max_examples=200)
@given(days, days)
def test_a_restarted_worker_goes_on_as_if_nothing_had_happened(
    before: list[EngagementEvent], after: list[EngagementEvent]
) -> None:
    _, written = folding.fold([folding.records(before)])
    restarted = folding.new_state()
    folding.reload(restarted, written)
    _, rest = folding.fold([folding.records(after)], restarted)
    _, straight = folding.fold([folding.records(before), folding.records(after)])
    assert folding.latest([*written, *rest]) == folding.latest(straight)


@settings(max_examples=100)
@given(days)
def test_a_rebuild_deletes_exactly_the_rows_that_it_did_not_write_again(day: list[EngagementEvent]) -> None:
    _, written = folding.fold([folding.records(day)])
    rebuilt = folding.new_state(generation=1)
    folding.reload(rebuilt, written)
    kept = day[: len(day) // 2]
    _, again = folding.fold([folding.records(kept)], rebuilt)
    _, alone = folding.fold([folding.records(kept)])
    assert folding.latest([*written, *again, *rebuilt.stale()]) == folding.latest(alone)


@given(days)
def test_hours_and_days_add_up_to_the_lifetime(day: list[EngagementEvent]) -> None:
    _, written = folding.fold([folding.records(day)])
    standing = folding.latest(written)
    for column in ("likes", "likes_removed", "comments", "replies", "shares", "comments_hidden", "anonymous"):
        sums = {
            grain: sum(
                int(str(row[column])) for (topic, _), row in standing.items() if topic == f"agg.engagement_{grain}"
            )
            for grain in ("by_post", "by_post_minute", "by_post_hour", "by_post_day")
        }
        assert len(set(sums.values())) == 1, (column, sums)


@given(days)
def test_unique_people_equal_a_recount_by_sets(day: list[EngagementEvent]) -> None:
    exact = [e for e in day if e.occurred_quality == "exact" and e.version_key and e.action in ("add", "update")]
    _, written = folding.fold([folding.records(exact)])
    people = {(e.post_id, e.actor_id) for e in exact if e.actor_id and not e.actor_is_owner and e.post_id}
    rows = [row for (topic, _), row in folding.latest(written).items() if topic == "agg.engagement_by_post"]
    assert sum(int(str(row["unique_engagers"])) for row in rows) == len(people)
