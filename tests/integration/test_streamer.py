"""The streamer against a network that breaks off, and a broker that is real: nothing is lost, nothing counts twice."""

import datetime as dt
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.config import Partitions
from contracts.dead_letters import from_input
from ingest.records import Records
from runtime.seal import Sealer
from tests.integration.stream_run import Network, StreamRun, until
from tests.integration.test_dead_letter_replay import write


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as found:
        yield found


@pytest.fixture
def run(tmp_path: Path, kafka_bootstrap: str, network: Network) -> StreamRun:
    made = StreamRun(tmp_path, kafka_bootstrap, network)
    made.command("topics", "apply")
    return made


def test_what_is_told_while_it_listens_and_while_it_does_not_is_one_fact_each(run: StreamRun, network: Network) -> None:
    network.messages += [run.like(number, f"p{number}") for number in range(5)]
    with run.streamer(signal.SIGKILL):
        until(lambda: run.times() == list(range(5)), "five likes")
    network.messages += [run.like(number, f"p{number}") for number in range(5, 9)]
    with run.streamer():
        until(lambda: run.times() == list(range(9)), "nine likes")
        network.cut()
        network.messages += [run.like(9, "p9")]
        until(lambda: run.times() == list(range(10)), "ten likes")
    cursor = run.cursors()["stream"]
    assert cursor.state["position"] == str(network.messages[-1]["time_us"])
    assert cursor.healthy


def test_a_deletion_is_understood_by_a_streamer_that_did_not_hear_what_is_deleted(
    run: StreamRun, network: Network
) -> None:
    network.messages += [run.like(1), run.like(2, "bo")]
    with run.streamer():
        until(lambda: run.times() == [1, 2], "two likes")
    assert run.remembered() == 2
    network.messages += [run.unlike(3, of=1), run.like(4, "carla")]
    with run.streamer(signal.SIGKILL):
        until(lambda: run.times("remove") == [3], "the removal")
    before = len(network.cursors)
    with run.streamer():
        until(lambda: len(network.cursors) > before, "a connection")
        until(lambda: run.times() == [1, 2, 4], "the like after it")
    added, removed = (next(one for one in run.events() if one.action == action) for action in ("add", "remove"))
    assert (removed.interaction_key, removed.post_id) == (added.interaction_key, "3l3p")
    assert run.remembered() == 2


def test_where_a_host_is_away_the_next_one_is_asked_from_a_little_before(run: StreamRun, network: Network) -> None:
    network.messages += [run.like(100)]
    with run.streamer():
        until(lambda: run.times() == [100], "the first like")
        network.messages += [run.like(101, "bo")]
        network.cut("one")
        until(lambda: run.times() == [100, 101], "the second like")
    assert network.cursors[0][0] == "one"
    host, cursor = network.cursors[-1]
    assert host == "two"
    assert cursor == network.messages[0]["time_us"] - 10_000_000


def test_what_is_older_than_the_look_back_is_a_gap_that_is_read_back(
    tmp_path: Path, kafka_bootstrap: str, network: Network
) -> None:
    run = StreamRun(tmp_path, kafka_bootstrap, network, hours_ago=100)
    run.command("topics", "apply")
    then = run.begins_at - 50 * 3_600_000
    when = _iso(then)
    view = {"uri": run.post, "indexedAt": when, "record": {"text": "a", "createdAt": when}, "likeCount": 2}
    network.answers["getAuthorFeed"] = {"feed": [{"post": view | {"replyCount": 0, "quoteCount": 0}}]}
    missed, recent = _iso(then + 60_000), _iso(run.begins_at)
    network.answers["getLikes"] = {
        "likes": [
            {"actor": {"did": "did:plc:recent"}, "createdAt": recent, "indexedAt": recent},
            {"actor": {"did": "did:plc:ann"}, "createdAt": missed, "indexedAt": missed},
        ]
    }
    network.messages += [run.like(1, "bo")]
    with run.streamer():
        until(lambda: run.health().get("stream") is not None and run.health()["stream"].backfilled_at is not None, "it")
        until(lambda: len({event.event_id for event in run.events()}) == 2, "both likes")
    found = {event.channel: event for event in run.events()}
    assert set(found) == {"stream", "backfill"}
    assert found["backfill"].occurred_at // 1000 == (then + 60_000) // 1000
    assert found["backfill"].occurred_quality == "approx"
    health = run.health()["stream"]
    assert health.gap_from is not None
    assert health.gap_until is not None
    assert health.gap_until - health.gap_from > 60 * 3_600_000
    assert run.cursors()["stream"].healthy
    assert "gap_since" not in run.cursors()["stream"].state


def test_a_message_that_was_put_aside_is_replayed_and_its_deletion_understood(run: StreamRun, network: Network) -> None:
    body = json.dumps(run.like(1)).encode()
    letter = from_input(
        origin="change",
        reason="future_time",
        detail="time_us",
        body=body,
        sealed=Sealer(["a seal key"]).seal(body),
        received_at=run.begins_at,
        code_version="0",
        platform="bluesky",
        account_id=run.page,
    )
    write(run, [Records(Partitions()).of_dead_letter(letter)])
    assert json.loads(run.command("dead-letters", "replay", "--id", letter.dead_letter_id)) == {"replayed": 1}
    assert {(event.channel, event.kind) for event in run.events()} == {("replay", "reaction")}
    network.messages += [run.unlike(2, of=1)]
    with run.streamer():
        until(lambda: run.times("remove") == [2], "the removal")


def _iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
