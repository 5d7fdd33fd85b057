"""The market boosts posts that the world of posts does publish, once they have been there for a while."""

from dataclasses import replace

import pytest

from ingest.simulator.cli import scale_of
from ingest.simulator.market import play
from ingest.simulator.market.ads import BOOSTS_AFTER
from ingest.simulator.market.world import World as Market
from ingest.simulator.shows import Setup
from ingest.simulator.simulation import Cast
from ingest.simulator.story import Story
from ingest.simulator.timeline import virtual_clock

SETUP = Setup(4, "none", virtual_clock(1_790_000_000_000, 5.0), scale_of(5.0, None), "", "")
YOUNG = play.young(SETUP)


def market(posts: dict[str, list[str]]) -> Market:
    return Market(4, SETUP.begins_at, 0.001, 1.0, {"alder": ["1_2"]}, posts)


def test_what_a_brand_may_boost_its_pages_publish_in_the_worlds_first_hours() -> None:
    world = Cast().made(SETUP)
    list(Story(world).until(SETUP.begins_at + 2 * BOOSTS_AFTER))
    assert YOUNG.keys() == {page.brand for page in world.pages}
    for brand, posts in YOUNG.items():
        assert posts
        for post in posts:
            assert world.posts[post].page.brand == brand
            assert SETUP.begins_at < world.posts[post].created_at <= SETUP.begins_at + BOOSTS_AFTER


def test_in_an_endless_world_nobody_boosts() -> None:
    assert play.young(replace(SETUP, scale=scale_of(0.0, None))) == {}


@pytest.mark.parametrize(("second", "is_on"), [(0, False), (BOOSTS_AFTER, False), (BOOSTS_AFTER + 1, True)])
def test_a_boost_waits_until_there_is_something_to_boost(second: int, is_on: bool) -> None:
    for book in market(YOUNG).books:
        assert book.campaigns[-1].is_on(SETUP.begins_at + second) is is_on


def test_boosts_change_nothing_of_the_rest_of_the_market() -> None:
    with_boosts, without = market(YOUNG).books, market({}).books
    for one, other in zip(with_boosts, without, strict=True):
        assert one.campaigns[:-1] == other.campaigns
        promoted = {ad.post for ad in one.campaigns[-1].ad_sets[0].ads}
        assert promoted <= set(YOUNG[one.account.brand])
        assert promoted
