"""Where a connection begins, what it misses, which host is next, and what a feed remembers."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from unittest.mock import ANY

import pytest

from contracts.config import Account
from contracts.events import Subject
from ingest.platforms import Gap, Message, State, Stream, load
from ingest.streaming import place
from ingest.streaming.feed import Feed, Means, Queue, _next
from ingest.streaming.hosts import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Hosts
from ingest.streaming.place import Place
from ingest.streaming.process import lines
from ingest.streaming.sse import Events
from ingest.subjects import Subjects

HOUR = 3_600_000
NOW = 1_790_000_000_000
A, B = "wss://a.test", "wss://b.test"


def account(name: str = "did:plc:a", hours_ago: int = 10) -> Account:
    connected_at = dt.datetime.fromtimestamp(NOW / 1000, dt.UTC) - dt.timedelta(hours=hours_ago)
    return Account("bluesky", name, "An account", "brand", connected_at)


def stream(lookback_ms: int | None = 36 * HOUR) -> Stream:
    found = load()["bluesky"].stream
    assert found is not None
    return replace(found, lookback_ms=lookback_ms)


def test_a_feed_that_cannot_go_on_ends_though_more_waits_than_it_may_hold() -> None:
    class Broken(Feed):
        async def _take(self, messages: Sequence[Message], host: str) -> None:
            await asyncio.sleep(0.01)  # meanwhile the queue is full again
            raise ZeroDivisionError

    async def endless() -> AsyncIterator[Message]:
        while True:
            yield Message(b"{}")

    async def run() -> None:
        means = Means(ANY, ANY, ANY, ANY, ANY, asyncio.Event())
        feed = Broken("a", ANY, stream(), Hosts([A]), None, ANY, Subjects(), means)
        async with asyncio.timeout(10):
            await feed._serve(endless(), A)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run())


@pytest.mark.parametrize("turns", range(4))
def test_a_cut_is_heard_though_a_message_comes_in_the_same_moment(turns: int) -> None:
    async def listen(queue: Queue) -> None:
        while True:
            await _next(queue)

    async def run() -> bool:
        queue: Queue = asyncio.Queue()
        task = asyncio.create_task(listen(queue))
        for _ in range(3):
            await asyncio.sleep(0)  # it waits
        queue.put_nowait(Message(b"{}"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=5)
        heard = task.cancelled()
        task.cancel()
        return heard

    assert asyncio.run(run())


def test_within_the_look_back_nothing_is_missed() -> None:
    before = Place("7", NOW - 35 * HOUR, A)
    assert place.missed(stream(), account(), before, NOW) == before


def test_what_is_older_than_the_look_back_is_a_gap() -> None:
    after = place.missed(stream(), account(), Place("7", NOW - 40 * HOUR, A), NOW)
    assert after.gap == Gap("7", NOW - 40 * HOUR, NOW - 36 * HOUR)


def test_an_account_that_was_never_heard_is_heard_from_its_connection_on() -> None:
    assert place.missed(stream(), account(hours_ago=10), Place(), NOW).gap is None
    gap = place.missed(stream(), account(hours_ago=50), Place(), NOW).gap
    assert gap == Gap(None, NOW - 50 * HOUR, NOW - 36 * HOUR)


def test_without_positions_every_connection_leaves_a_gap_behind() -> None:
    gap = place.missed(stream(None), account(), Place("7", NOW - 1_000, A), NOW).gap
    assert gap == Gap("7", NOW - 1_000, NOW)
    assert place.missed(stream(None), account(), Place("7", NOW, A), NOW).gap is None


def test_a_gap_that_was_not_read_back_grows_to_hold_the_next() -> None:
    pending = Gap("3", NOW - 90 * HOUR, NOW - 80 * HOUR)
    after = place.missed(stream(), account(), Place("7", NOW - 40 * HOUR, A, pending), NOW)
    assert after.gap == Gap("3", NOW - 90 * HOUR, NOW - 36 * HOUR)


def test_one_connection_for_all_begins_with_the_one_that_is_furthest_behind() -> None:
    accounts = [account("did:plc:a"), account("did:plc:b"), account("did:plc:new", hours_ago=1)]
    places = {
        "did:plc:a": Place("9", NOW - HOUR, A),
        "did:plc:b": Place("7", NOW - 2 * HOUR, A),
        "did:plc:new": Place(),
    }
    found = place.resume(accounts, places, A, None)
    assert (found.position, found.since, found.is_elsewhere) == ("7", NOW - 2 * HOUR, False)
    places["did:plc:b"] = Place("7", NOW, A)
    assert place.resume(accounts, places, B, None).is_elsewhere
    places["did:plc:a"] = Place("9", NOW, A)
    found = place.resume(accounts, places, A, None)
    assert (found.position, found.since) == (None, NOW - HOUR)


def test_a_host_that_fails_once_is_tried_again_and_then_the_next() -> None:
    hosts = Hosts([A, B])
    pauses = [hosts.failed()]
    assert hosts.current == A
    pauses.append(hosts.failed())
    assert hosts.current == B
    pauses += [hosts.failed() for _ in range(20)]
    assert FIRST_PAUSE_SECONDS / 2 <= pauses[0] <= FIRST_PAUSE_SECONDS
    assert max(pauses) <= LONGEST_PAUSE_SECONDS
    hosts.worked()
    assert hosts.failures == 0
    assert hosts.failed() <= FIRST_PAUSE_SECONDS


def test_heartbeats_are_no_events_and_data_of_several_lines_is_one() -> None:
    body = b':thump\n\nevent: update\ndata: {"a":\ndata: 1}\n\n:thump\nevent: delete\ndata: 7\n\n'
    assert list(Events(1_000).feed(body)) == [Message(b'{"a":\n1}', "update"), Message(b"7", "delete")]


def subject(person: str, key: str = "k", seen_at: int = 0) -> Subject:
    return Subject("did:plc:a", "reaction", key, "v", "p", "p", person, seen_at=seen_at)


def test_subjects_are_found_by_record_and_by_person_until_they_are_forgotten() -> None:
    subjects = Subjects([("r1", subject("ann")), ("r2", subject("ann")), ("r3", subject("bo"))])
    assert list(subjects.of("ann")) == ["r1", "r2"]
    subjects.put("r1", None)
    subjects.put("r2", subject("bo"))
    subjects.put("r9", None)
    assert (list(subjects.of("ann")), list(subjects.of("bo"))) == ([], ["r3", "r2"])
    assert subjects.get("r1") is None
    assert len(subjects) == 2


def test_subjects_that_the_topic_has_forgotten_are_let_go() -> None:
    subjects = Subjects((f"r{day}", subject("ann", seen_at=day)) for day in range(1, 5))
    subjects.let_go(3)
    assert list(subjects.of("ann")) == ["r3", "r4"]
    subjects.put("r3", subject("ann", seen_at=9))
    subjects.let_go(9)
    assert list(subjects.of("ann")) == ["r3"]
    subjects.let_go(10)
    assert len(subjects) == 0


def test_nobody_listens_where_no_platform_tells() -> None:
    assert lines([]) == []


@pytest.mark.parametrize("state", [{}, {"position": 7, "at": "x", "host": None}, {"gap_since": 1}])
def test_a_cursor_of_something_else_is_no_place(state: State) -> None:
    assert Place.of(state) == Place()
