"""Every show is found by itself, and what the pipeline is told of it can be used."""

from collections import Counter
from pathlib import Path

import pytest

from contracts.config import parse
from ingest import platforms
from ingest.simulator import configuration, shows
from ingest.simulator.cli import chosen, scale_of, signing
from ingest.simulator.shows import Setup
from runtime.clock import Clock

SETUP = Setup(7, "none", Clock.parse("1790000000000@1795000000000x3600"), scale_of(60, None), "", "t")


@pytest.mark.parametrize("name", shows.load())
def test_a_show_has_the_name_of_its_folder_and_stands_for_platforms_that_exist(name: str) -> None:
    show = shows.load()[name]
    assert show.name == name
    assert set(show.platforms) <= platforms.load().keys()


@pytest.mark.parametrize("name", shows.load())
def test_a_world_in_which_nothing_happened_has_every_table_and_no_row(name: str) -> None:
    tables = shows.load()[name].truth(None).evaluate(now=0, identity_key="k")
    assert tables
    assert not any(tables.values())


def test_no_platform_is_played_twice() -> None:
    played = Counter(name for show in shows.load().values() for name in show.platforms)
    assert set(played.values()) == {1}


def test_all_of_them_make_one_configuration() -> None:
    found = [show.configured(SETUP) for show in shows.load().values()]
    text = configuration.render(found, Path("token"), 60)
    config = parse(text)
    assert len(config.accounts) == sum(len(one.accounts) for one in found)
    assert len(config.sites) == sum(len(one.sites) for one in found)
    assert config.sites
    assert {"meta_app_secrets", "shopify_app_secrets"} <= signing(shows.load().values()).keys()


def test_a_platform_is_played_by_the_show_that_stands_for_it() -> None:
    assert set(chosen("shopify,facebook")) == {"facebook", "market"}
    assert set(chosen("market,stripe")) == {"market"}
    assert set(chosen("all")) == shows.load().keys()
