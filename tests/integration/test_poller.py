"""The poller against a scripted Graph API and a real broker."""

import hmac
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts import topics
from ingest.kafka import read
from tests.integration.graph_server import AS_OF, Asked, Graph, Reply, error
from tests.integration.ingest_run import CURRENT, ENGAGEMENT, IngestRun

YESTERDAY = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%dT%H:%M:%S}+0000"
SOURCES = ("posts", "comments", "insights", "subscription")
POLLING = "[polling]\nposts_seconds = 1\ncomments_seconds = 1\ninsights_seconds = 1\ntick_seconds = 1\n"


class World:
    """A page with two posts and three comments; `faults` are answered first, in their order."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.comments = {f"{page}_1": 2, f"{page}_2": 1}
        self.faults: list[tuple[str, Reply]] = []
        self.retired = "page_post_engagements"

    def __call__(self, asked: Asked) -> Reply:
        for number, (path, reply) in enumerate(self.faults):
            if path in asked.path:
                del self.faults[number]
                return reply
        if asked.path.endswith("/published_posts"):
            return self._listing(asked, [self._post(post, n) for post, n in self.comments.items()])
        if asked.path.endswith("/comments"):
            post = asked.path.split("/")[1]
            return self._listing(asked, [self._comment(post, n) for n in range(self.comments[post])])
        if asked.path == "/app":
            return Reply({"id": "ours"})
        if asked.path.endswith("/subscribed_apps"):
            return Reply({"data": [{"id": "ours", "subscribed_fields": ["feed"]}]})
        return self._insights(asked)

    def _listing(self, asked: Asked, items: list[dict[str, Any]]) -> Reply:
        """One item a page; between two there is an empty page that has a `next`."""
        place = int(asked.params.get("after", "0"))
        more = place < 2 * len(items) - 2
        paging = {"next": f"{self.origin}/v25.0/elsewhere?after={place + 1}"} if more else {}
        return Reply({"data": [items[place // 2]] if place % 2 == 0 and items else [], "paging": paging})

    origin = ""

    def _post(self, post: str, comments: int) -> dict[str, Any]:
        return {
            "id": post,
            "created_time": YESTERDAY,
            "message": "Sale #Spring",
            "status_type": "added_photos",
            "reactions": {"data": [], "summary": {"total_count": 42}},
            "comments": {"data": [], "summary": {"total_count": comments}},
        }

    def _comment(self, post: str, number: int) -> dict[str, Any]:
        return {"id": f"{post}_c{number}", "created_time": f"2026-09-21T14:14:0{number}+0000", "from": {"id": "55"}}

    def _insights(self, asked: Asked) -> Reply:
        if asked.params["metric"] == self.retired:
            return error(100)
        value = {"value": 812, "end_time": "2026-09-21T00:00:00+0000"}
        return Reply({"data": [{"name": name, "values": [value]} for name in asked.params["metric"].split(",")]})


@pytest.fixture
def polled(kafka_bootstrap: str, tmp_path: Path) -> Iterator[tuple[IngestRun, World, Graph]]:
    run = IngestRun(tmp_path, kafka_bootstrap, POLLING)
    run.command("topics", "apply")
    world = World(run.page)
    with Graph(world) as graph:
        world.origin = graph.origin
        run.environment["ENGAGEMENT_META_GRAPH_URL"] = graph.url
        yield run, world, graph


Polled = tuple[IngestRun, World, Graph]


def test_one_round_reads_everything_and_its_cursors_cover_it(polled: Polled) -> None:
    run, _, graph = polled
    run.command("ingest", "poll", "--once")
    page = run.page

    assert {event.interaction_key for event in run.events()} == {
        f"comment|{page}_1_c0",
        f"comment|{page}_1_c1",
        f"comment|{page}_2_c0",
    }
    assert {(event.action, event.channel, event.occurred_quality) for event in run.events()} == {
        ("add", "poll", "exact")
    }
    assert {(post.post_id, post.format, post.hashtags, post.as_of) for post in run.posts()} == {
        (f"{page}_{number}", "added_photos", ("spring",), AS_OF) for number in (1, 2)
    }
    values = {(one.post_id, one.metric, one.window): (one.value, one.value_state) for one in run.snapshots()}
    assert values[f"{page}_1", "likes", "lifetime"] == (42, "known")
    assert values[f"{page}_1", "comments", "lifetime"] == (2, "known")
    assert values[f"{page}_1", "shares", "lifetime"] == (None, "unavailable")
    assert values[f"{page}_2", "views", "lifetime"] == (812, "known")
    assert values[None, "followers", "day:2026-09-20"] == (812, "known")
    assert (None, "post_engagements", "day:2026-09-20") not in values

    cursors = run.cursors()
    told = {name: (one.healthy, one.started_at) for name, one in cursors.items()}
    assert told == dict.fromkeys(SOURCES, (True, AS_OF))
    (partition, end), *_ = cursors["comments"].produced[topics.EVENTS.name].items()
    written = sum(1 for _ in read(run.bootstrap, topics.EVENTS.name))
    assert 3 <= end <= written
    assert 0 <= partition < 4

    proof = hmac.new(CURRENT.encode(), b"canary-access-token", "sha256").hexdigest()
    for asked in graph.asked:
        assert asked.headers["Authorization"] == "Bearer canary-access-token"
        assert "canary" not in str(asked.params)
        assert asked.params["appsecret_proof"] == proof
        assert "elsewhere" not in asked.path


def test_faults_of_the_platform_cost_time_and_nothing_else(polled: Polled) -> None:
    run, world, _ = polled
    world.faults = [
        ("published_posts", error(1, 500)),
        ("published_posts", Reply(b"<html>captive</html>")),
        ("published_posts", error(2, 200)),
        ("published_posts", error(1, 500, message="Please reduce the amount of data you're asking for")),
        ("published_posts", Reply(status=301, headers={"Location": "http://169.254.169.254/"})),
        ("comments", error(100)),
        ("comments", Reply(b'{"data":[', headers={"Content-Length": "5000"})),
        ("comments", error(99999, 400, is_transient=True)),
        ("insights", error(4, 400)),
        ("insights", Reply(status=429)),
    ]
    run.command("ingest", "poll", "--once")
    assert world.faults == []
    assert len({event.event_id for event in run.events()}) >= 1
    assert all(cursor.healthy for cursor in run.cursors().values())


def test_an_expired_token_is_told_and_leaves_the_cursor_where_it_was(polled: Polled) -> None:
    run, world, _ = polled
    run.command("ingest", "poll", "--once")
    world.faults = [("published_posts", error(190, 401, error_subcode=463))] * 50
    before = run.cursors()["posts"]
    run.command("ingest", "poll", "--once", code=1)
    after = run.cursors()["posts"]
    assert (before.healthy, after.healthy) == (True, False)
    told = run.health()["posts"]
    assert (told.state, told.problem) == ("failing", "token_expired")
    assert told.last_success_at is not None


def test_what_works_says_so_and_what_it_brought_last(polled: Polled) -> None:
    run, _, _ = polled
    run.command("ingest", "poll", "--once")
    told = run.health()
    assert {name: (one.state, one.problem) for name, one in told.items()} == dict.fromkeys(SOURCES, ("healthy", None))
    newest = max(event.occurred_at for event in run.events())
    assert (told["comments"].last_event_at, told["posts"].last_event_at) == (newest, None)


def test_a_source_is_read_back_beside_the_poller_and_no_fact_is_a_second_one(polled: Polled) -> None:
    run, _, graph = polled
    run.command("ingest", "poll", "--once")
    cursors, events = run.cursors(), {event.event_id for event in run.events()}
    asked = len(graph.asked)
    run.command("ingest", "backfill", "--source", f"facebook:{run.page}:comments", "--since", "2026-01-01")
    again = [event for event in run.events() if event.channel == "backfill"]
    assert {event.event_id for event in again} == events
    assert run.cursors() == cursors
    listed = [one for one in graph.asked[asked:] if one.path.endswith("/published_posts")]
    assert listed[0].params["since"] == str(1_767_225_600)
    assert not [one for one in graph.asked[asked:] if one.path.endswith("/insights")]


def test_what_nobody_polls_cannot_be_read_back(polled: Polled) -> None:
    run, _, graph = polled
    run.command("ingest", "backfill", "--source", "facebook:1", "--since", "2026-01-01", code=1)
    assert graph.asked == []


def test_an_item_that_cannot_be_read_is_kept_aside_and_its_neighbours_count(polled: Polled) -> None:
    run, world, _ = polled
    page = Reply({"data": [{"id": "canary"}, world._comment(f"{run.page}_1", 0), {"id": 5.5}]})
    world.faults = [(f"{run.page}_1/comments", page)]
    run.command("ingest", "poll", "--once")
    assert f"comment|{run.page}_1_c0" in {event.interaction_key for event in run.events()}
    assert sorted((letter.reason, letter.origin) for letter in run.dead_letters()) == [
        ("invalid_field", "poll"),
        ("missing_field", "poll"),
    ]


def test_it_goes_on_polling_and_reads_again_only_what_moved(polled: Polled) -> None:
    run, world, graph = polled
    log = run.directory / "poller.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen([*ENGAGEMENT, "ingest", "poll"], env=run.environment, stderr=stderr)
    try:
        _until(lambda: _polls(log, "comments") >= 2, log)
        first, second = (f"/{run.page}_{number}/comments" for number in (1, 2))
        asked = [one.path for one in graph.asked]
        assert asked.count(first) == 3  # two comments and the empty page between them, once
        assert asked.count(second) == 1
        world.comments[f"{run.page}_2"] = 2
        _until(lambda: [one.path for one in graph.asked].count(second) == 4, log)
        _until(lambda: any(event.interaction_key == f"comment|{run.page}_2_c1" for event in run.events()), log)
        assert [one.path for one in graph.asked].count(first) == 3
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert "canary" not in log.read_text(encoding="utf-8")

    process = subprocess.Popen([*ENGAGEMENT, "ingest", "poll"], env=run.environment, stderr=subprocess.DEVNULL)
    try:  # a new process takes up the cursors of the old one
        before = len(graph.asked)
        _until(lambda: sum("published_posts" in one.path for one in graph.asked[before:]) >= 6, log)
        assert not [one for one in graph.asked[before:] if one.path.endswith("/comments")]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def test_without_kafka_it_says_so_and_stops(polled: Polled) -> None:
    run, _, graph = polled
    run.command("ingest", "poll", code=1, ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    assert graph.asked == []


def _polls(log: Path, source: str) -> int:
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return sum(line["event"] == "source_polled" and line["source"].endswith(source) for line in lines)


def _until(is_so: Any, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.1)
