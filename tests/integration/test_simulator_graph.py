"""The simulated Graph API: shapes, paging, errors, limits, and the world's clock."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from ingest.platforms import PollFailed, State
from ingest.platforms.facebook.readings import SOURCES
from ingest.simulator.faults import PLANS, Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.graph.server import Graph
from ingest.simulator.ledger import Ledger, Notes, Tables
from ingest.simulator.posts import Post
from ingest.simulator.story import Story
from ingest.simulator.world import Scale, World
from tests.unit.ingest.facebook import account
from tests.unit.ingest.graph import drive_all
from tests.unit.ingest.test_subscriptions import job

BEGINS_AT, NOW = 1_790_000_000, 1_790_020_000
SCALE = Scale(facts_per_second=0.1, publish_every=600, ends_after=20_000, pages=2, old_posts=60, people=300)
COUNTERS = "shares,reactions.limit(0).summary(total_count),comments.filter(stream).limit(0).summary(true)"


@dataclass(slots=True)
class Answer:
    status: int
    headers: Any
    body: dict[str, Any]

    @property
    def code(self) -> int | None:
        code: int | None = self.body.get("error", {}).get("code")
        return code


class Api:
    """A world that stands still at its end, and its API."""

    def __init__(self, directory: Path, plan: Plan) -> None:
        self.world = World(3, BEGINS_AT, SCALE)
        self.tally = Tally()
        self._directory = directory
        self._notes = Notes(directory)
        for number, happening in enumerate(Story(self.world).until(NOW)):
            if happening.comment is not None and happening.verb == "add" and happening.item == "comment":
                happening.comment.number = number
        for page in self.world.pages:
            self._notes.account(page.id, zone=page.zone, connected_at=0)
        self.graph = Graph(self.world, self._notes, plan, self.tally, Access("t", ("s",)), lambda: NOW)
        self._client: TestClient[web.Request, web.Application]
        self._app = web.Application()
        self._app.add_routes(self.graph.routes())

    def ask(self, asking: Callable[["Api"], Awaitable[None]]) -> None:
        async def run() -> None:
            self._client = TestClient(TestServer(self._app))
            async with self._client:
                await asking(self)

        asyncio.run(run())

    async def get(self, path: str, bearer: str = "t", **params: str) -> Answer:
        path = path if path.startswith("http") else f"/v25.0/{path}"
        url = path if path.startswith("/") else "/" + path.split("/", 3)[3]
        async with self._client.get(url, params=params, headers={"Authorization": f"Bearer {bearer}"}) as answer:
            return Answer(answer.status, answer.headers, await answer.json())

    async def listed(self, path: str, **params: str) -> list[dict[str, Any]]:
        """Everything, by following `next`."""
        found, answer = [], await self.get(path, **params)
        while True:
            found += answer.body["data"]
            if "next" not in answer.body.get("paging", {}):
                return found
            answer = await self.get(answer.body["paging"]["next"].replace("%20", " "))

    def tables(self) -> Tables:
        self._notes.flush()
        return Ledger.read(self._directory).evaluate()

    @property
    def page(self) -> str:
        return self.world.pages[0].id

    def busiest(self) -> Post:
        standing = [post for post in self.world.posts.values() if post.deleted_at is None]
        return max(standing, key=lambda post: post.live_comments)


def asked(directory: Path, asking: Callable[[Api], Awaitable[None]], plan: Plan | None = None) -> Api:
    api = Api(directory, plan or PLANS["none"])
    api.ask(asking)
    return api


def test_paging_lists_every_standing_post_once_newest_first(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        posts = await api.listed(f"{api.page}/published_posts", limit="7", fields="id,created_time")
        standing = [p.id for p in reversed(api.world.posts_of[api.page]) if p.deleted_at is None]
        assert [post["id"] for post in posts] == standing
        since = str(BEGINS_AT)
        young = await api.listed(f"{api.page}/published_posts", limit="7", since=since)
        assert 0 < len(young) < len(posts)

    asked(tmp_path, asking)


def test_counters_are_the_state_of_the_world_and_are_noted_as_observed(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        post = api.busiest()
        love = "reactions.type(LOVE).limit(0).summary(total_count).as(love)"
        body = (await api.get(post.id, fields=f"{COUNTERS},{love}")).body
        assert body["reactions"] == {"data": [], "summary": {"total_count": post.likes()}}
        assert body["love"]["summary"]["total_count"] == post.likes("love")
        assert body["comments"]["summary"]["total_count"] == post.comment_count(True)
        assert body.get("shares", {"count": 0})["count"] == post.share_count()

    api = asked(tmp_path, asking)
    noted = {key[3]: row["value"] for key, row in api.tables()["post_metrics"].items()}
    assert noted["likes"] == api.busiest().likes()
    assert noted["comments"] == api.busiest().comment_count(True)
    assert set(noted) == {"likes", "comments", "shares", "reactions.love"}


def test_a_post_without_shares_has_no_shares_object(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        post = next(post for post in api.world.posts.values() if not post.share_count() and not post.deleted_at)
        assert "shares" not in (await api.get(post.id, fields="shares")).body

    api = asked(tmp_path, asking)
    (row,) = api.tables()["post_metrics"].values()
    assert (row["value"], row["value_state"]) == (None, "unavailable")


def test_comments_are_chronological_and_leave_the_removed_ones_out(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        post = api.busiest()
        found = await api.listed(
            f"{post.id}/comments", filter="stream", limit="4", fields="id,from,created_time,parent,permalink_url"
        )
        standing = [comment for comment in post.comments if not comment.is_removed]
        assert [(one["id"], one["permalink_url"]) for one in found] == [(c.id, c.permalink) for c in standing]
        assert any("parent" in one for one in found)
        top = await api.listed(f"{post.id}/comments", limit="100", fields="id,parent")
        assert top
        assert not any("parent" in one for one in top)

    api = asked(tmp_path, asking)
    removed = {comment.id for comment in api.world.comments.values() if comment.is_removed}
    assert removed


def test_a_deleted_post_is_gone(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        post = api.busiest()
        post.deleted_at = NOW
        for path in (post.id, f"{post.id}/comments", f"{post.id}/insights"):
            answer = await api.get(path, metric="post_media_view")
            assert (answer.status, answer.code, answer.body["error"]["error_subcode"]) == (400, 100, 33)

    asked(tmp_path, asking)


def test_a_cursor_dies_with_the_comment_it_names(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        post = api.busiest()
        first = await api.get(f"{post.id}/comments", filter="stream", limit="2")
        api.world.comments[first.body["data"][-1]["id"]].is_removed = True
        assert (await api.get(first.body["paging"]["next"])).code == 100

    asked(tmp_path, asking)


def test_page_insights_end_at_the_pages_midnight(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        berlin = api.world.pages[1]
        answer = await api.get(f"{berlin.id}/insights", metric="page_follows,page_media_view", period="day")
        follows, views = answer.body["data"]
        assert (follows["name"], views["period"]) == ("page_follows", "day")
        assert {value["end_time"][11:] for value in follows["values"]} == {"22:00:00+0000"}
        assert all(value["value"] > 0 for value in views["values"])

    days = asked(tmp_path, asking).tables()["account_metrics_day"]
    assert {(key[2], key[4].isoformat()) for key in days} == {
        (metric, day) for metric in ("followers", "views") for day in ("2026-09-19", "2026-09-20")
    }


def test_a_removed_metric_spoils_the_request_it_stands_in(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        assert (await api.get(f"{api.page}/insights", metric="page_follows,page_impressions")).code == 100
        assert (await api.get(f"{api.page}/insights", metric="page_post_engagements")).code == 100
        assert (await api.get(f"{api.page}/insights", metric="page_follows")).code is None
        assert (await api.get(f"{api.busiest().id}/insights", metric="post_impressions")).code == 100

    api = asked(tmp_path, asking, PLANS["storm"])
    assert api.tally.counts["removed_metric"] == 1


def test_tokens_and_proofs_are_checked(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        refused = await api.get(api.busiest().id, bearer="other")
        assert (refused.status, refused.code) == (401, 190)
        proof = hmac.new(b"s", b"t", hashlib.sha256).hexdigest()
        assert (await api.get(api.busiest().id, appsecret_proof=proof)).code is None
        assert (await api.get(api.busiest().id, appsecret_proof="0" * 64)).code == 100

    asked(tmp_path, asking)


def test_answers_carry_the_worlds_clock_and_usage_that_climbs(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        used = []
        for _ in range(300):
            answer = await api.get(api.page + "/published_posts", limit="1", fields="id")
            assert parsedate_to_datetime(answer.headers["Date"]).timestamp() == NOW
            used.append(json.loads(answer.headers["X-App-Usage"])["call_count"])
            assert api.page in json.loads(answer.headers["X-Business-Use-Case-Usage"])
        assert 0 <= used[0] <= max(used) <= 100

    asked(tmp_path, asking)


FAULTY = [
    (Plan(server_error_every=2), "server_error", 500, 2),
    (Plan(error_in_200_every=2), "error_in_200", 200, 1),
    (Plan(limit_burst_every=2), "throttled", 400, 4),
    (Plan(too_much_data_every=2), "too_much_data", 500, 1),
]


@pytest.mark.parametrize(("plan", "fault", "status", "code"), FAULTY)
def test_a_faulty_answer_is_counted_and_offers_nothing(
    tmp_path: Path, plan: Plan, fault: str, status: int, code: int
) -> None:
    async def asking(api: Api) -> None:
        path, wanted = f"{api.page}/published_posts", {"limit": "100", "fields": "shares"}
        assert (await api.get(path, **wanted)).code is None
        before = api.tables()["post_metrics"]
        answer = await api.get(path, **wanted)
        assert (answer.status, answer.code) == (status, code)
        assert api.tables()["post_metrics"] == before

    assert asked(tmp_path, asking, plan).tally.counts[fault] == 1


def test_a_limit_is_reached_at_a_hundred_percent_under_changing_codes(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        answers = [await api.get(api.page, fields="id") for _ in range(4)]
        assert [answer.code for answer in answers][1:] == [4, 32, 80001]
        assert json.loads(answers[-1].headers["X-App-Usage"])["call_count"] == 100

    asked(tmp_path, asking, Plan(limit_burst_every=2))


def test_an_empty_page_leads_on_and_nothing_is_lost(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        found = await api.listed(f"{api.page}/published_posts", limit="5", fields="id")
        assert len({post["id"] for post in found}) == len(found)
        assert len(found) == sum(not post.deleted_at for post in api.world.posts_of[api.page])

    assert asked(tmp_path, asking, Plan(empty_page_every=3)).tally.counts["empty_page"] > 1


def test_when_all_is_calm_nothing_goes_wrong(tmp_path: Path) -> None:
    async def asking(api: Api) -> None:
        api.tally.calm()
        for _ in range(4):
            assert (await api.get(api.page + "/published_posts", limit="100")).code is None

    asked(tmp_path, asking, Plan(server_error_every=1, limit_burst_every=1, too_much_data_every=1))


def test_a_page_that_loses_its_subscription_is_found_out_by_reading_it(tmp_path: Path) -> None:
    """Another app's subscription is listed all the while."""
    answers: list[dict[str, Any]] = []

    async def asking(api: Api) -> None:
        answers.append((await api.get("app", fields="id")).body)
        listing = f"{api.page}/subscribed_apps"
        answers.append((await api.get(listing, fields="id,subscribed_fields")).body)
        api.graph.unsubscribed.add(api.page)
        answers.append((await api.get(listing, fields="id,subscribed_fields")).body)

    asked(tmp_path, asking)
    app, before, after = answers
    [source] = [one for one in SOURCES if one.name == "subscription"]
    state: State = {}
    _, _, state = drive_all(
        source.plan(job("subscription", state, account())), lambda r: app if r.path == "/app" else before
    )
    assert state["app"] == app["id"]
    with pytest.raises(PollFailed, match="subscription_deleted"):
        drive_all(source.plan(job("subscription", state, account())), lambda r: app if r.path == "/app" else after)
