"""The worlds of YouTube and Mastodon: the same for a seed, and true to what is told of them."""

from collections import Counter
from itertools import pairwise
from random import Random

import pytest

from ingest.simulator.happenings import Happening
from ingest.simulator.mastodon import acts as mastodon_acts
from ingest.simulator.mastodon import nodes as mastodon_nodes
from ingest.simulator.mastodon import wire as mastodon_wire
from ingest.simulator.mastodon.world import World as MastodonWorld
from ingest.simulator.story import Repertoire, Story
from ingest.simulator.world import Scale, World
from ingest.simulator.youtube import acts as youtube_acts
from ingest.simulator.youtube import nodes as youtube_nodes
from ingest.simulator.youtube.quota import Quota
from ingest.simulator.youtube.world import Video
from ingest.simulator.youtube.world import World as YouTubeWorld

BEGINS = 1_790_000_000
SCALE = Scale(facts_per_second=0.05, publish_every=3_600, ends_after=86_400, old_posts=40)
WORLDS: dict[str, tuple[type[World], Repertoire]] = {
    "youtube": (YouTubeWorld, youtube_acts.REPERTOIRE),
    "mastodon": (MastodonWorld, mastodon_acts.REPERTOIRE),
}


def told(platform: str, seed: int = 3) -> tuple[World, list[Happening]]:
    """A day of it, numbered as the ledger would."""
    make, repertoire = WORLDS[platform]
    world = make(seed, BEGINS, SCALE)
    found: list[Happening] = []
    for happening in Story(world, repertoire).until(BEGINS + 86_400):
        happening.number = len(found)
        found.append(happening)
    return world, found


@pytest.mark.parametrize("platform", WORLDS)
def test_what_happens_depends_on_the_seed_alone(platform: str) -> None:
    facts = [[happening.fact for happening in told(platform, seed)[1]] for seed in (3, 3, 4)]
    assert facts[0] == facts[1] != facts[2]
    assert len(facts[0]) > 500


@pytest.mark.parametrize("platform", WORLDS)
def test_counters_are_what_stands(platform: str) -> None:
    world, happenings = told(platform)
    net: Counter[str] = Counter()
    for fact in (happening.fact for happening in happenings):
        if fact is not None and fact.kind == "comment" and fact.post is not None:
            net[fact.post] += {"add": 1, "remove": -1}.get(fact.action, 0)
    for post in world.posts.values():
        assert post.comment_count(True) - post.base.comments == net[post.id]


def test_views_are_cleaned_of_spam_now_and_then() -> None:
    world, _ = told("youtube")
    video = next(iter(world.posts.values()))
    shown = [video.views(BEGINS + second) for second in range(0, 86_400, 600)]
    assert any(later < earlier for earlier, later in pairwise(shown))


def test_some_counters_of_videos_are_missing() -> None:
    world, _ = told("youtube")
    videos = [video for video in world.posts.values() if isinstance(video, Video)]
    names = [frozenset(youtube_nodes.video(video, BEGINS + 86_400)["statistics"]) for video in videos]
    assert all({"viewCount", "favoriteCount"} <= some for some in names)
    assert any("likeCount" not in some for some in names)
    assert any("commentCount" not in some for some in names)


def test_the_units_of_a_day_are_spent_and_come_back_at_midnight_pacific_time() -> None:
    quota, midnight = Quota(2), 1_790_060_400
    assert [quota.spend(midnight - left) for left in (3, 2, 1)] == [True, True, False]
    assert quota.spend(midnight)


def test_a_favourite_that_is_taken_back_takes_its_notification_with_it() -> None:
    world, happenings = told("mastodon")
    assert isinstance(world, MastodonWorld)
    taken_back = sum(one.item == "favourite" and one.verb == "remove" for one in happenings)
    lost = [
        notice for notice in world.notices if notice.kind == "favourite" and (notice.is_vanished or notice.is_emptied)
    ]
    assert len(lost) == taken_back > 0
    emptied = next(notice for notice in lost if notice.is_emptied)
    assert mastodon_nodes.notification(world, emptied, BEGINS)["status"] is None


def test_a_notification_is_numbered_as_the_fact_that_it_tells() -> None:
    world, happenings = told("mastodon")
    assert isinstance(world, MastodonWorld)
    facts = [happening.fact for happening in happenings]
    for notice in world.notices:
        if notice.number >= 0:
            fact = facts[notice.number]
            assert fact is not None
            assert (fact.action, fact.at, fact.actor) == ("add", notice.at * 1000, notice.person)


def test_an_answer_is_no_fact_of_the_stream() -> None:
    _, happenings = told("mastodon")
    changes = [
        change
        for happening in happenings
        if happening.verb not in mastodon_wire.DIALECT.silent
        for change in mastodon_wire.changes(happening, Random(1))
    ]
    kinds = Counter(happenings[change.number].item for change in changes if change.number >= 0)
    assert "comment" not in kinds
    assert {"favourite", "reblog", "quote", "follow", "mention"} == kinds.keys()
    assert any(change.number < 0 for change in changes)
