"""The readings of a channel over HTTP, against a server that speaks the documented shapes."""

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from contracts.config import Polling
from contracts.events import Listing
from ingest.platforms import Failure, Job, Known, Part, Request, State, load
from ingest.polling.http import Http
from tests.integration.graph_server import AS_OF, Asked, Graph, Reply
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.youtube import account, events, posts, snapshots

FIXTURES = Path(__file__).parents[1] / "fixtures" / "youtube"
KEY = "AIzaSyCanary"
YOUTUBE = load()["youtube"]


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_bytes())
    return found


def last(name: str) -> dict[str, Any]:
    return {key: value for key, value in fixture(name).items() if key != "nextPageToken"}


def script(asked: Asked) -> Reply:
    """Two pages of uploads, and comments under the first video alone."""
    match asked.path, asked.params:
        case "/channels", _:
            return Reply(fixture("channel"))
        case "/playlistItems", {"pageToken": "EAAaBlBUOkNB"}:
            return Reply({"items": [{"contentDetails": {"videoId": "vid3"}}]})
        case "/playlistItems", _:
            return Reply(fixture("uploads"))
        case "/videos", {"id": ids}:
            return Reply({"items": [one for one in fixture("videos")["items"] if one["id"] in ids.split(",")]})
        case "/commentThreads", {"videoId": "vid1", "pageToken": "Q0"}:
            return Reply({"items": []})
        case "/commentThreads", {"videoId": "vid1"}:
            return Reply(fixture("threads"))
        case "/commentThreads", _:
            return Reply(fixture("error_comments_disabled"), 403)
        case "/comments", {"parentId": "Ugx3"}:
            return Reply(last("replies"))
    return Reply(fixture("error_video_not_found"), 404)


@pytest.fixture
def server() -> Iterator[Graph]:
    with Graph(script) as graph:
        yield graph


def poll(server: Graph, source: str, known: dict[str, Known]) -> tuple[list[Part], State]:
    """One poll of a source, its requests made as the poller makes them."""
    assert YOUTUBE.poll is not None
    how = YOUTUBE.poll
    http = Http()

    def ask(request: Request) -> dict[str, Any] | Failure:
        headers, params = how.authorise(KEY, ())
        response = http.get(server.url + request.path, {**request.params, **params}, headers)
        assert how.usage(response.headers) is None
        found: dict[str, Any] = json.loads(response.body)
        return how.failure(response.status, response.body) or found

    plan = next(one.plan for one in how.sources if one.name == source)
    everything = {one.name: Known() for one in how.sources} | known
    job = Job(account(), UTC, Polling(), server.url, AS_OF, everything)
    memory: dict[str, Listing | None] = {}
    _, found, state = drive_all(plan(job), ask, memory)
    return found, state


def test_a_channel_is_read_whole(server: Graph) -> None:
    told, _ = poll(server, "channel", {})
    assert [(one.metric, one.value) for one in snapshots(told)] == [("followers", 123_000)]
    found, state = poll(server, "posts", {})
    assert [post.post_id for post in posts(found)] == ["vid1", "vid2", "vid3"]
    said, _ = poll(server, "comments", {"posts": Known(AS_OF, state)})
    assert [(event.interaction_key, event.action) for event in events(said)] == [
        ("comment|Ugx1", "add"),
        ("comment|Ugx1", "update"),
        ("comment|Ugx1.a", "add"),
        ("comment|Ugx2", "add"),
        ("comment|Ugx3", "add"),
        ("comment|Ugx3.a", "add"),
        ("comment|Ugx3.b", "add"),
    ]


def test_the_key_travels_in_a_header_alone(server: Graph) -> None:
    poll(server, "posts", {})
    assert server.asked
    for asked in server.asked:
        assert KEY not in json.dumps([asked.path, asked.params])
        assert asked.headers["X-Goog-Api-Key"] == KEY
        assert "Authorization" not in asked.headers
