"""The identity key is changed in a deployment that runs: all that happens is announced under both keys, then everything
is read once more under the next one alone, and every row is what it was."""

import asyncio
from pathlib import Path

import pytest

from contracts import codec, topics
from contracts.events import EngagementEvent
from ingest.simulator.cli import scale_of
from ingest.simulator.shows import Setup
from ingest.simulator.simulation import Simulation
from ingest.simulator.timeline import virtual_clock
from runtime.clock import Clock, wall_ms
from tests.integration.social_run import IDENTITY_KEY, TABLES, TOKEN, OnTheWire, SocialRun
from tests.integration.test_bluesky_run import BlueskyRun

SECONDS, RATE = 5.0, 800.0
NEXT = "the next key"


class Rotated(SocialRun):
    """`told_before`: how many records were written when the key was changed."""

    told_before = 0

    def __init__(self, platform: str, directory: Path) -> None:
        super().__init__(platform, directory)
        self.identity_keys = (IDENTITY_KEY, NEXT)

    async def _end(self, simulation: Simulation, clock: Clock) -> None:
        """Whoever did something late is heard of before the change."""
        await self._read_everything(clock)
        await super()._end(simulation, clock)

    def world_is_over(self) -> None:
        self.identity_keys = (NEXT, None)
        self.told_before = len(self.log.records)

    def events(self) -> tuple[list[EngagementEvent], list[EngagementEvent]]:
        """Before the change, and after it."""
        both: tuple[list[EngagementEvent], list[EngagementEvent]] = ([], [])
        for number, one in enumerate(self.log.records):
            if one.topic == topics.EVENTS.name and b":" in one.key and one.value is not None:
                both[number >= self.told_before].append(codec.decoder(EngagementEvent)(one.value))
        return both


class RotatedBluesky(Rotated, BlueskyRun):
    """Its posts are named by pseudonyms, too, and deletions are understood by what is remembered."""


RUNS = {"mastodon": Rotated, "bluesky": RotatedBluesky}


@pytest.fixture(scope="module", params=list(RUNS))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rotated:
    found = RUNS[request.param](request.param, tmp_path_factory.mktemp(request.param))
    clock = virtual_clock(wall_ms() + 500, SECONDS)
    asyncio.run(found.play(Setup(5, "storm", clock, scale_of(SECONDS, RATE), "", TOKEN)))
    return found


@pytest.fixture(scope="module")
def judged(run: Rotated) -> dict[str, tuple[OnTheWire, OnTheWire]]:
    return run.judged()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_that_of_the_first_key(judged: dict[str, tuple[OnTheWire, OnTheWire]], table: str) -> None:
    got, expected = judged[table]
    assert got == expected
    assert got


def test_what_was_read_afterwards_came_under_other_names(run: Rotated) -> None:
    before, after = run.events()
    announced = {event.actor_id_next for event in before}
    later = {event.actor_id for event in after} - {None}
    assert later <= announced
    assert later.isdisjoint(event.actor_id for event in before)
    assert later
