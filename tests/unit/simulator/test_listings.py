"""What follows from complete listings, and from no others."""

import json
from pathlib import Path

import pytest

from ingest.simulator.instagram.world import World
from ingest.simulator.ledger import Notes
from ingest.simulator.listings import Listings
from ingest.simulator.posts import Remark
from ingest.simulator.world import Scale

MEDIA = "m"
WORLD = World(3, 1_790_000_000, Scale(facts_per_second=0.1, publish_every=600, old_posts=1))


def remark(name: str, **numbers: int) -> Remark:
    media = WORLD.publish(WORLD.begins_at)
    return Remark(name, media, None, "somebody", WORLD.begins_at, "hello", numbers=numbers)


class Reader:
    """Lists comments page by page, and looks at what was noted when."""

    def __init__(self, directory: Path) -> None:
        self._notes = Notes(directory, "instagram")
        self._file = directory / "ledger.jsonl"
        self.listings = Listings(self._notes)

    def reads(self, now: int, *pages: list[Remark], is_whole: bool = True) -> None:
        self.listings.begins(MEDIA)
        for number, page in enumerate(pages, start=1):
            self.listings.shows(MEDIA, page, [])
            self.listings.page_ends(now, MEDIA, None, is_whole and number == len(pages))

    def noted(self) -> list[tuple[int, list[int]]]:
        """(second, numbers of facts) of each note."""
        self._notes.flush()
        lines = [json.loads(line) for line in self._file.read_text().splitlines()]
        return [(at // 1000, [number for number, *_ in facts]) for word, at, facts in (x for x in lines if len(x) == 3)]


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path)


def test_what_is_missing_twice_is_gone(reader: Reader) -> None:
    stays, goes = remark("a"), remark("b", remove=7)
    reader.reads(1, [stays, goes])
    reader.reads(2, [stays])
    assert reader.noted() == []
    reader.reads(3, [stays])
    reader.reads(4, [stays])
    assert reader.noted() == [(3, [7])]


def test_what_comes_back_is_not_gone(reader: Reader) -> None:
    stays, blinks = remark("a"), remark("b", remove=7)
    reader.reads(1, [stays, blinks])
    reader.reads(2, [stays])
    reader.reads(3, [stays], [blinks])
    reader.reads(4, [stays])
    assert reader.noted() == []


def test_hidden_is_noted_as_it_was_shown_and_once(reader: Reader) -> None:
    one = remark("a", hide=5, unhide=6)
    reader.listings.begins(MEDIA)
    reader.listings.shows(MEDIA, [one], [])
    one.is_hidden = True
    reader.listings.page_ends(1, MEDIA, None, True)
    assert reader.noted() == []
    for now in (2, 3):
        reader.reads(now, [one])
    one.is_hidden = False
    for now in (4, 5):
        reader.reads(now, [one])
    assert reader.noted() == [(2, [5]), (4, [6])]


def test_a_listing_that_breaks_off_shows_nothing(reader: Reader) -> None:
    one = remark("a", hide=5)
    one.is_hidden = True
    reader.reads(1, [one], is_whole=False)
    assert reader.noted() == []
    assert reader.listings.is_under_way(MEDIA)


def test_a_listing_is_complete_when_all_replies_are_listed(reader: Reader) -> None:
    parent, reply = remark("a"), remark("b", hide=5)
    reply.is_hidden = True
    reader.listings.begins(MEDIA)
    reader.listings.shows(MEDIA, [parent], ["a"])
    reader.listings.page_ends(1, MEDIA, None, True)
    assert reader.listings.is_under_way(MEDIA)
    reader.listings.shows(MEDIA, [reply], [])
    reader.listings.page_ends(2, MEDIA, "a", True)
    assert reader.noted() == [(2, [5])]
