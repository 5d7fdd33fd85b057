"""A simulated Instagram, its receiver and its poller: the rows made of what they wrote are the ledger's."""

import asyncio
from collections import Counter

import pytest

from contracts import codec, topics
from contracts.events import EngagementEvent, Memory, Snapshot
from ingest.simulator.cli import scale_of
from ingest.simulator.ledger import Ledger
from ingest.simulator.shows import Setup
from ingest.simulator.timeline import virtual_clock
from runtime.clock import wall_ms
from tests.integration.instagram_run import InstagramRun
from tests.integration.social_run import SECRETS, TABLES, TOKEN, OnTheWire

SECONDS, RATE = 8.0, 1500.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> InstagramRun:
    run = InstagramRun(tmp_path_factory.mktemp("instagram"))
    clock = virtual_clock(wall_ms() + 500, SECONDS)
    asyncio.run(
        run.play(Setup(5, "mild", clock, scale_of(SECONDS, RATE), "", TOKEN, {"instagram_app_secrets": SECRETS}))
    )
    return run


@pytest.fixture(scope="module")
def ledger(run: InstagramRun) -> Ledger:
    return Ledger.read(run.directory / "instagram")


@pytest.fixture(scope="module")
def events(run: InstagramRun) -> list[EngagementEvent]:
    decode = codec.decoder(EngagementEvent)
    records = run.log.of(topics.EVENTS)
    return [decode(one.value) for one in records if one.value is not None and b":" in one.key]


@pytest.fixture(scope="module")
def judged(run: InstagramRun) -> dict[str, tuple[OnTheWire, OnTheWire]]:
    return run.judged()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_is_the_ledgers(judged: dict[str, tuple[OnTheWire, OnTheWire]], table: str) -> None:
    got, expected = judged[table]
    assert got == expected
    assert got


def test_everything_that_can_happen_did(events: list[EngagementEvent]) -> None:
    told = Counter((event.kind, event.action, event.channel) for event in events)
    assert set(told) == {
        ("comment", "add", "webhook"),
        ("comment", "add", "poll"),
        ("comment", "hide", "poll"),
        ("comment", "unhide", "poll"),
        ("comment", "remove", "poll"),
        ("mention", "add", "webhook"),
    }
    assert any(event.actor_is_owner for event in events)
    assert any(event.actor_id is None for event in events if event.kind == "comment")


def test_what_is_remembered_was_told_before(run: InstagramRun) -> None:
    told: set[str] = set()
    remembered: set[str] = set()
    for record in run.log.records:
        if record.topic == topics.EVENTS.name and b":" in record.key and record.value is not None:
            event = codec.decoder(EngagementEvent)(record.value)
            if event.action == "hide":
                told.add(event.interaction_key.removeprefix("comment|"))
        elif record.topic == topics.MEMORY.name and record.value is not None:
            remembered |= set(codec.decoder(Memory)(record.value).listing.hidden)
            assert remembered <= told
    assert remembered


def test_hidden_missing_floored_and_zero_are_kept_apart(run: InstagramRun) -> None:
    decode = codec.decoder(Snapshot)
    found = [decode(one.value) for one in run.log.of(topics.SNAPSHOTS) if one.value is not None]
    assert {one.value_state for one in found} == {"known", "hidden", "unavailable", "floored"}
    assert any(one.value == 0 for one in found)
    assert all(one.value is None for one in found if one.value_state != "known")
    assert {one.scope for one in found} == {"organic", "total"}


def test_what_was_never_told_is_all_that_is_missing(ledger: Ledger) -> None:
    gaps = ledger.gaps()
    assert gaps
    assert [gap for gap in gaps if not gap.is_explained] == []


def test_what_was_refused_is_what_was_malformed(run: InstagramRun) -> None:
    assert run.log.refusals() == run.dead_letters
    assert run.dead_letters


def test_no_answer_of_the_platform_was_lost_or_invented(run: InstagramRun, ledger: Ledger) -> None:
    decode = codec.decoder(Snapshot)
    found = [decode(one.value) for one in run.log.of(topics.SNAPSHOTS) if one.value is not None]
    seen = {(one.platform, one.account_id, one.post_id, one.metric, one.scope, one.window, one.as_of) for one in found}
    missing = ledger.compare_observations(seen)
    assert missing.invented == frozenset()
    assert {one[3] for one in missing.lost} <= {"content"}
