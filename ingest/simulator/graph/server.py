"""Routes of the Graph API. Every answer carries the world's clock as `Date`, and the usage headers.

What an answer shows is noted in the ledger just before it leaves: whether it arrives is for others to find out.
"""

import asyncio
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Sequence
from email.utils import formatdate
from itertools import cycle
from typing import Any, NamedTuple, TypeVar

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph import fields, insights, nodes, paging
from ingest.simulator.graph.errors import (
    THROTTLES,
    GraphError,
    invalid_cursor,
    invalid_token,
    no_such_object,
)
from ingest.simulator.graph.limits import Budget
from ingest.simulator.ledger import Notes
from ingest.simulator.posts import Post
from ingest.simulator.world import World

VERSION = "v25.0"
MOST_ITEMS = 100
TOO_MUCH = 25
"""Above so many items a page the platform may find that it is too much."""
SLOW_SECONDS = 1.2
BURST_SECONDS = 0.7

T = TypeVar("T")


class Access(NamedTuple):
    """What a caller must show: the pages' token, and if it sends a proof, one made with an app secret."""

    token: str
    app_secrets: tuple[str, ...]

    def check(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (given or request.query.get("access_token", "")) != self.token:
            raise invalid_token()
        proof = request.query.get("appsecret_proof")
        if proof is not None and proof not in map(self._proof, self.app_secrets):
            raise GraphError(400, 100, "Invalid appsecret_proof provided in the API argument")

    def _proof(self, secret: str) -> str:
        return hmac.new(secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()


class Graph:
    """Handlers. `present` brings the world up to now and returns the second."""

    def __init__(
        self,
        world: World,
        notes: Notes,
        plan: Plan,
        tally: Tally,
        access: Access,
        present: Callable[[], int],
    ) -> None:
        self._world = world
        self._notes = notes
        self._plan = plan
        self._tally = tally
        self._access = access
        self._present = present
        self._budget = Budget()
        self._throttles = cycle(THROTTLES)
        self._retires_at = world.begins_at + plan.metric_removed_after * world.scale.ends_after

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"/{VERSION}/{{node}}", self._serve(self._node)),
            web.get(f"/{VERSION}/{{node}}/published_posts", self._serve(self._posts)),
            web.get(f"/{VERSION}/{{node}}/comments", self._serve(self._comments)),
            web.get(f"/{VERSION}/{{node}}/insights", self._serve(self._insights)),
        ]

    def _serve(self, answer: Callable[[web.Request, int], dict[str, Any]]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            if self._tally.due("slow_answer", self._plan.slow_every):
                self._tally.add("slow_answer")
                await asyncio.sleep(SLOW_SECONDS)
            now, status = self._present(), 200
            try:
                self._access.check(request)
                self._obstruct(request)
                body = answer(request, now)
            except GraphError as error:
                status, body = error.status, error.body()
            page = request.match_info["node"].partition("_")[0]
            headers = {"Date": formatdate(now, usegmt=True), "Facebook-API-Version": VERSION}
            headers |= self._budget.headers(page if page in self._world.page else None)
            return web.json_response(body, status=status, headers=headers)

        return handle

    def _obstruct(self, request: web.Request) -> None:
        """The plan's faults, before anything is read."""
        plan, tally = self._plan, self._tally
        self._budget.spend()
        if tally.due("limit_burst", plan.limit_burst_every):
            self._budget.exhaust(BURST_SECONDS)
        if self._budget.percent >= 100:
            tally.add("throttled")
            code, message = next(self._throttles)
            raise GraphError(400, code, message, transient=True)
        if tally.due("server_error", plan.server_error_every):
            tally.add("server_error")
            raise GraphError(500, 2, "Service temporarily unavailable", transient=True)
        if tally.due("error_in_200", plan.error_in_200_every):
            tally.add("error_in_200")
            raise GraphError(200, 1, "An unknown error occurred", transient=True)
        if _limit(request) > TOO_MUCH and tally.due("too_much_data", plan.too_much_data_every):
            tally.add("too_much_data")
            raise GraphError(500, 1, "Please reduce the amount of data you're asking for, then retry your request")
        if request.query.get("after") and tally.due("lost_cursor", plan.lost_cursor_every):
            tally.add("lost_cursor")
            raise invalid_cursor()

    def _node(self, request: web.Request, now: int) -> dict[str, Any]:
        post = self._post(request)
        shown = nodes.post(post, fields.parse(request.query.get("fields", "created_time,message")), now)
        self._note(now, post.page.id, [shown], [post])
        return shown.node

    def _posts(self, request: web.Request, now: int) -> dict[str, Any]:
        page = request.match_info["node"]
        if page not in self._world.page:
            raise no_such_object(page)
        since, until = _second(request, "since", 0), _second(request, "until", now)
        posts = [
            post
            for post in reversed(self._world.posts_of[page])
            if post.deleted_at is None and since <= post.created_at <= until
        ]
        found, answer = self._page(request, posts, lambda post: post.id)
        wanted = fields.parse(request.query.get("fields", "created_time,message"))
        shown = [nodes.post(post, wanted, now) for post in found]
        self._note(now, page, shown, found)
        return {"data": [one.node for one in shown]} | answer

    def _comments(self, request: web.Request, now: int) -> dict[str, Any]:
        post = self._post(request)
        is_stream = request.query.get("filter") == "stream"
        since, until = _second(request, "since", 0), _second(request, "until", now)
        comments = [
            comment
            for comment in post.comments
            if not comment.is_removed and (is_stream or comment.parent is None) and since <= comment.created_at <= until
        ]
        if request.query.get("order") == "reverse_chronological":
            comments.reverse()
        found, answer = self._page(request, comments, lambda comment: comment.id)
        wanted = fields.parse(request.query.get("fields", "created_time,from,message"))
        asked = {field.name for field in wanted}
        listed = [
            (
                one.number,
                "from" in asked and nodes.names_author(one),
                one.permalink if "permalink_url" in asked else None,
            )
            for one in found
        ]
        self._notes.listed(now * 1000, listed)
        if request.query.get("summary") in ("true", "1", "total_count"):
            answer["summary"] = {"order": "chronological", "total_count": post.comment_count(is_stream)}
        return {"data": [nodes.comment(one, wanted) for one in found]} | answer

    def _insights(self, request: web.Request, now: int) -> dict[str, Any]:
        node = request.match_info["node"]
        metrics = request.query.get("metric", "")
        page = self._world.page.get(node)
        if page is None:
            post = self._post(request)
            shown = nodes.post_insights(post, metrics, now)
            self._notes.observed(now * 1000, post.page.id, shown.values)
            return shown.node
        is_retired = now >= self._retires_at
        if is_retired and insights.RETIRING in metrics:
            self._tally.add("removed_metric")
        since = _second(request, "since", now - 2 * 86_400)
        shown = insights.answer(page, metrics, since, _second(request, "until", now), now, is_retired)
        self._notes.observed(now * 1000, node, shown.values)
        return shown.node

    def _post(self, request: web.Request) -> Post:
        node = request.match_info["node"]
        post = self._world.posts.get(node)
        if post is None or post.deleted_at is not None:
            raise no_such_object(node)
        return post

    def _page(
        self, request: web.Request, items: Sequence[T], name: Callable[[T], str]
    ) -> tuple[Sequence[T], dict[str, Any]]:
        """One page of a listing and its `paging`; at times a page is empty although more follows."""
        after = request.query.get("after")
        part = paging.cut(items, _limit(request), after, name)
        if part.more and self._tally.due("empty_page", self._plan.empty_page_every):
            self._tally.add("empty_page")
            same_place = paging.encode(paging.decode(after) if after else "", self._tally.counts["empty_page"])
            return [], {"paging": {"next": _next(request, same_place)}}
        found = items[part.start : part.end]
        if not found:
            return [], {}
        cursors = {"before": paging.encode(name(found[0])), "after": paging.encode(name(found[-1]))}
        more = {"next": _next(request, cursors["after"])} if part.more else {}
        return found, {"paging": {"cursors": cursors, **more}}

    def _note(self, now: int, page: str, shown: Sequence[nodes.Shown], posts: Sequence[Post]) -> None:
        self._notes.observed(now * 1000, page, [value for one in shown for value in one.values])
        content = [(post.id, one.content) for post, one in zip(posts, shown, strict=True) if one.content]
        self._notes.content(now * 1000, page, content)


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", "25")
    if not text.isdigit():
        raise GraphError(400, 100, "(#100) Param limit must be an integer")
    return max(1, min(int(text), MOST_ITEMS))


def _second(request: web.Request, name: str, default: int) -> int:
    """A time as the API takes it: epoch seconds or an ISO date."""
    text = request.query.get(name)
    if not text:
        return default
    try:
        return int(text) if text.isdigit() else int(_moment(text).timestamp())
    except ValueError:
        raise GraphError(400, 100, f"(#100) Param {name} must be a time") from None


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _next(request: web.Request, after: str) -> str:
    """Full address of the page that follows."""
    query = {name: value for name, value in request.query.items() if name != "after"}
    return str(request.url.with_query(query | {"after": after}))
