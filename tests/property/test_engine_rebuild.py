"""A rebuild may be killed at any flush: what stands at its end, and what is remembered, are as if it had not been."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import topics
from contracts.events import EngagementEvent
from processors.engagement.organic import Organic
from processors.engine.positions import version
from processors.engine.state import Change
from tests.property import folding

days = st.lists(folding.events(), min_size=1, max_size=20)


def fold(state: Organic, generation: int, day: list[EngagementEvent], position: int = 0) -> list[Change]:
    """Fold and flush; everything that is written."""
    state.fold(topics.EVENTS.name, folding.records(day))
    return list(state.changes(version(generation, {"events": position + len(day)})))


def recovered(generation: int, written: list[Change]) -> Organic:
    """As the engine recovers: topic by topic, oldest first."""
    state = folding.new_state(generation)
    for topic in dict.fromkeys(topic for topic, _, _ in written):
        state.load(topic, [(n, key, value) for n, (t, key, value) in enumerate(written) if t == topic])
    return state


@settings(max_examples=100)
@given(days, days, st.integers(0, 20))
def test_a_rebuild_that_is_killed_half_way_ends_like_one_that_is_not(
    before: list[EngagementEvent], kept: list[EngagementEvent], killed_after: int
) -> None:
    log = fold(folding.new_state(), 0, before)
    log += fold(recovered(1, log), 1, kept[:killed_after])
    successor = recovered(1, log)
    log += fold(successor, 1, kept[killed_after:], position=killed_after)
    log += list(successor.stale())

    straight = folding.new_state()
    alone = fold(straight, 0, kept)
    assert folding.latest(log) == folding.latest(alone)
    more = folding.event(actor="zoe", at=folding.NOON + 1)
    log += fold(recovered(1, log), 1, [more], position=len(kept))
    alone += fold(straight, 0, [more])
    assert folding.latest(log) == folding.latest(alone)
