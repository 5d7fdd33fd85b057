"""The world is a function of its seed, and its true state is what its facts lead to."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ingest.simulator.faults import PLANS, Tally
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact, Ledger, Notes
from ingest.simulator.outbox import Outbox
from ingest.simulator.story import Story
from ingest.simulator.world import Scale, World

BEGINS_AT = 1_790_000_000
SCALE = Scale(facts_per_second=0.5, publish_every=60, ends_after=12_000, old_posts=100, people=400)


def happenings(world: World, step: int = 100) -> Iterator[Happening]:
    story = Story(world)
    now = BEGINS_AT
    while not story.is_over:
        now += step
        yield from story.until(now)


def facts(seed: int, step: int = 100) -> list[Fact]:
    world = World(seed, BEGINS_AT, SCALE)
    return [one.fact for one in happenings(world, step) if one.fact is not None]


def test_the_same_seed_makes_the_same_world_however_often_one_looks() -> None:
    assert facts(3) == facts(3, step=7)


def test_another_seed_makes_another_world() -> None:
    assert facts(3) != facts(4)


def test_how_it_is_told_does_not_change_what_happens() -> None:
    told = []
    for plan in ("none", "storm"):
        world = World(3, BEGINS_AT, SCALE)
        outbox = Outbox(PLANS[plan], Tally(), Random(1))
        for happening in happenings(world):
            outbox.put(happening)
            told.append(happening.fact)
    assert told[: len(told) // 2] == told[len(told) // 2 :]


@pytest.fixture(scope="module")
def world() -> tuple[World, list[Happening]]:
    made = World(11, BEGINS_AT, SCALE)
    return made, list(happenings(made))


def test_time_never_runs_backwards_and_nothing_happens_ahead_of_the_clock(
    world: tuple[World, list[Happening]],
) -> None:
    times = [happening.at for happening in world[1]]
    assert times == sorted(times)
    story = Story(World(11, BEGINS_AT, SCALE))
    assert all(happening.at <= BEGINS_AT + 50 for happening in story.until(BEGINS_AT + 50))


def test_the_world_has_everything_in_it(world: tuple[World, list[Happening]]) -> None:
    seen = Counter((happening.item, happening.verb) for happening in world[1])
    assert set(seen) >= {
        *(("reaction", verb) for verb in ("add", "edit", "remove")),
        *(("comment", verb) for verb in ("add", "edited", "remove", "hide", "unhide")),
        *((item, verb) for item in ("share", "like") for verb in ("add", "remove")),
        *((item, "add") for item in ("photo", "status", "video", "post")),
        ("status", "edited"),
        ("post", "remove"),
    }
    told = [happening.fact for happening in world[1] if happening.fact]
    comments = sum(fact.kind == "comment" and fact.action == "add" for fact in told)
    assert 0.28 < comments / len(told) < 0.42
    assert any(fact.actor is None for fact in told)
    assert any(fact.actor == fact.account for fact in told)
    assert any(fact.kind == "reaction" and fact.to_comment for fact in told)
    assert any(happening.is_second_thought for happening in world[1])


def test_counters_are_what_walking_all_facts_leads_to(world: tuple[World, list[Happening]], tmp_path: Path) -> None:
    """Two accounts of the same world, kept apart: its own state, and the ledger's walk over its facts."""
    true, told = world
    with Notes(tmp_path) as notes:
        for happening in told:
            if happening.fact:
                number = notes.fact(happening.fact)
                if number % 3:
                    notes.delivered(happening.at * 1000, [(number, happening.names_actor)])
        for page in true.pages:
            notes.account(page.id, zone=page.zone, connected_at=0)
            counters = [
                (
                    post.id,
                    post.likes() - sum(post.base.likes.values()),
                    post.comment_count(True) - post.base.comments,
                    post.share_count() - post.base.shares,
                )
                for post in true.posts_of[page.id]
            ]
            notes.standing(page.id, counters)
    gaps = Ledger.read(tmp_path).gaps()
    assert [gap for gap in gaps if not gap.is_explained] == []
    assert any(gap.counter for gap in gaps)
    assert any(gap.never_offered > 0 for gap in gaps)
    assert any(gap.never_offered < 0 for gap in gaps)


def test_reactions_by_type_add_up_to_all_of_them(world: tuple[World, list[Happening]]) -> None:
    for post in world[0].posts.values():
        assert sum(post.likes(reaction) for reaction in {*post.by_type, *post.base.likes}) == post.likes()
        assert post.live_comments == sum(not comment.is_removed for comment in post.comments)
