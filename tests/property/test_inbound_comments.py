"""Inbound comments and their answers follow from what is known, however and how often it came to be known."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events import Action, EngagementEvent
from ingest.simulator.ledger import conversation
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import interactions, on_the_wire

TOPIC = "agg.inbound_comments"
BOB = "b0b" + "0" * 29
"""A pseudonym as ingest makes them, that sorts behind the page."""
TIMES = tuple(folding.NOON + after for after in (0, 1, 60_000, 61_000, 26 * 3_600_000))


@st.composite
def told(draw: st.DrawFn) -> EngagementEvent:
    """Of so few comments that threads form, and deliveries of one comment tell different things of it."""
    comment_id = draw(st.sampled_from(("a", "b", "c", "d|%")))
    actor = draw(st.sampled_from(("ann", BOB, "page", "page", None)))
    action: Action = draw(st.sampled_from(("add", "add", "add", "update", "remove", "hide", "unhide")))
    return folding.event(
        kind="comment",
        action=action,
        actor=actor,
        owner=actor == "page",
        object_id=comment_id,
        parent=draw(st.sampled_from((None, None, "a", "b"))),
        at=draw(st.sampled_from(TIMES)),
        exact=draw(st.booleans()) if action != "add" else draw(st.sampled_from((True, True, False))),
        url=draw(st.sampled_from((None, None, "https://facebook.test/1", "https://facebook.test/2"))),
        edit=draw(st.sampled_from(("", "e1"))) if action == "update" else "",
    )


days = st.lists(told(), min_size=1, max_size=14)


def inbound(written: list[Any]) -> set[tuple[Any, ...]]:
    return {tuple(row.values()) for (topic, _), row in folding.latest(written).items() if topic == TOPIC}


@settings(max_examples=400)
@given(days)
def test_the_rows_are_those_of_the_ledger(day: list[EngagementEvent]) -> None:
    _, written = folding.fold([folding.records(day)])
    expected = conversation.inbound_comments("facebook", interactions(day))
    assert inbound(written) == on_the_wire("inbound_comments", expected)


@settings(max_examples=300)
@given(days, st.data())
def test_order_batches_and_repetition_do_not_matter(day: list[EngagementEvent], data: Any) -> None:
    repeated = day + data.draw(st.lists(st.sampled_from(day), max_size=6))
    shuffled = folding.records(data.draw(st.permutations(repeated)))
    cut = data.draw(st.integers(0, len(shuffled)))
    _, once = folding.fold([folding.records(day)])
    _, again = folding.fold([shuffled[:cut], shuffled[cut:]])
    assert inbound(again) == inbound(once)


@settings(max_examples=300)
@given(days, days)
def test_a_restarted_worker_goes_on(before: list[EngagementEvent], after: list[EngagementEvent]) -> None:
    half = len(before) // 2
    _, written = folding.fold([folding.records(before[:half]), folding.records(before[half:])])
    restarted = folding.new_state()
    folding.reload(restarted, written)
    _, rest = folding.fold([folding.records(after)], restarted)
    _, straight = folding.fold([folding.records([*before, *after])])
    assert inbound([*written, *rest]) == inbound(straight)
