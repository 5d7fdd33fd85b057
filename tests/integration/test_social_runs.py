"""A simulated YouTube, a simulated Mastodon, their receiver and poller: the rows made of what they wrote are the
ledger's."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from contracts import codec, topics
from contracts.events import Cursor, EngagementEvent, Post, Wake
from ingest.platforms import LEASE_EXPIRES_AT
from ingest.simulator.cli import scale_of
from ingest.simulator.posts import Remark
from ingest.simulator.shows import Setup
from ingest.simulator.simulation import Simulation
from ingest.simulator.timeline import virtual_clock
from ingest.simulator.world import World
from ingest.simulator.youtube import acts
from runtime.clock import Clock, wall_ms
from tests.integration.social_run import SECRETS, TABLES, TOKEN, OnTheWire, SocialRun

SECONDS, RATE = 8.0, 1500.0
SHARED = {"youtube_hub_secrets": SECRETS}
Runs = dict[str, SocialRun]


class YouTubeRun(SocialRun):
    """Once every channel is subscribed to, however long the hub stalled, a video is taken away; and of what has been
    read, however late, a comment goes that stands under another."""

    def __init__(self, directory: Path) -> None:
        super().__init__("youtube", directory)

    async def _end(self, simulation: Simulation, clock: Clock) -> None:
        await self._read_everything(clock)
        now = simulation.present()
        for happening in acts.delete(simulation.world, now):
            simulation.tell(happening)
        for happening in acts.removed(now, _standing(simulation.world)):
            simulation.tell(happening)
        await super()._end(simulation, clock)


def _standing(world: World) -> Remark:
    """A comment that nothing answers, under a video that stands."""
    found = (one for one in world.comments.values() if isinstance(one, Remark) and one.post.deleted_at is None)
    return next(one for one in found if not (one.is_removed or one.replies))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    youtube, mastodon = tmp_path_factory.mktemp("youtube"), tmp_path_factory.mktemp("mastodon")
    found: Runs = {"youtube": YouTubeRun(youtube), "mastodon": SocialRun("mastodon", mastodon)}
    for run in found.values():
        clock = virtual_clock(wall_ms() + 500, SECONDS)
        asyncio.run(run.play(Setup(5, "storm", clock, scale_of(SECONDS, RATE), "", TOKEN, SHARED)))
    return found


@pytest.fixture(scope="module")
def judged(runs: Runs) -> dict[str, dict[str, tuple[OnTheWire, OnTheWire]]]:
    return {platform: run.judged() for platform, run in runs.items()}


def told(run: SocialRun) -> Counter[tuple[str, str, str]]:
    decode = codec.decoder(EngagementEvent)
    records = (one for one in run.log.of(topics.EVENTS) if b":" in one.key)
    events = [decode(one.value) for one in records if one.value is not None]
    return Counter((event.kind, event.action, event.channel) for event in events)


@pytest.mark.parametrize("platform", ["youtube", "mastodon"])
@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_the_ledgers(
    judged: dict[str, dict[str, tuple[OnTheWire, OnTheWire]]], platform: str, table: str
) -> None:
    got, expected = judged[platform][table]
    assert got == expected
    assert got


@pytest.mark.parametrize("platform", ["youtube", "mastodon"])
def test_every_dead_letter_is_expected(runs: Runs, platform: str) -> None:
    assert runs[platform].log.refusals() == runs[platform].dead_letters


def test_youtube_s_comments_come_by_listing_alone(runs: Runs) -> None:
    assert set(told(runs["youtube"])) == {
        ("comment", "add", "poll"),
        ("comment", "update", "poll"),
        ("comment", "remove", "poll"),
    }


def test_the_hub_is_subscribed_to_though_it_stalls_and_tells_of_videos(runs: Runs) -> None:
    log, faults = runs["youtube"].log, runs["youtube"].faults
    cursors = [codec.decoder(Cursor)(one.value) for one in log.of(topics.CURSORS) if one.value is not None]
    leases = {one.account_id: one.state for one in cursors if one.source.endswith(":lease") and one.healthy}
    assert len(leases) == 4
    assert all(isinstance(state[LEASE_EXPIRES_AT], int) for state in leases.values())
    wakes = [codec.decoder(Wake)(one.value) for one in log.of(topics.WAKES) if one.value is not None]
    assert {wake.source.rpartition(":")[2] for wake in wakes} == {"posts"}
    posts = [codec.decoder(Post)(one.value) for one in log.of(topics.POSTS) if one.value is not None]
    assert any(post.deleted_at is not None for post in posts)
    assert faults["hub_stalled"] > 0
    assert faults["forged"] > 0
    assert "forged_accepted" not in faults


def test_mastodon_tells_of_everything_but_what_is_taken_back(runs: Runs) -> None:
    assert set(told(runs["mastodon"])) == {
        ("reaction", "add", "poll"),
        ("share", "add", "poll"),
        ("follow", "add", "poll"),
        ("mention", "add", "poll"),
        ("comment", "add", "poll"),
        ("comment", "update", "poll"),
        ("comment", "remove", "poll"),
    }
