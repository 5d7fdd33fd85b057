"""Routes of the Graph API of pages.

What an answer shows is noted in the ledger just before it leaves: whether it arrives is for others to find out.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph import fields, insights, nodes
from ingest.simulator.graph.desk import VERSION, Access, Desk
from ingest.simulator.graph.errors import GraphError, no_such_object
from ingest.simulator.ledger import Notes
from ingest.simulator.posts import Post
from ingest.simulator.world import World

APP_ID, OTHER_APP_ID = "20100", "20101"
"""Ours, and one that subscribes to every page, too."""


class Graph(Desk):
    """Handlers of pages, posts and comments. `unsubscribed`: accounts whose subscription to our app has ended."""

    pushes: Sequence[str] = ("feed",)

    def __init__(
        self,
        world: World,
        notes: Notes,
        plan: Plan,
        tally: Tally,
        access: Access,
        present: Callable[[], int],
    ) -> None:
        super().__init__(plan, tally, access, present)
        self._world = world
        self._notes = notes
        self.unsubscribed: set[str] = set()
        self._retires_at = world.begins_at + plan.metric_removed_after * world.scale.ends_after

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"/{VERSION}/app", self._serve(self._app)),
            web.get(f"/{VERSION}/{{node}}", self._serve(self._node)),
            web.get(f"/{VERSION}/{{node}}/subscribed_apps", self._serve(self._subscribed)),
            web.get(f"/{VERSION}/{{node}}/published_posts", self._serve(self._posts)),
            web.get(f"/{VERSION}/{{node}}/comments", self._serve(self._comments)),
            web.get(f"/{VERSION}/{{node}}/insights", self._serve(self._insights)),
        ]

    def _app(self, _request: web.Request, _now: int) -> dict[str, Any]:
        return {"id": APP_ID}

    def _subscribed(self, request: web.Request, _now: int) -> dict[str, Any]:
        """Another app is there always, ours until somebody takes it away."""
        ours = [] if request.match_info["node"] in self.unsubscribed else [APP_ID]
        return {"data": [{"id": app, "subscribed_fields": self.pushes} for app in (*ours, OTHER_APP_ID)]}

    def _usage(self, request: web.Request) -> dict[str, str]:
        page = request.match_info.get("node", "").partition("_")[0]
        return self._budget.headers(page if page in self._world.page else None)

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

    def _note(self, now: int, page: str, shown: Sequence[nodes.Shown], posts: Sequence[Post]) -> None:
        self._notes.observed(now * 1000, page, [value for one in shown for value in one.values])
        content = [(post.id, one.content) for post, one in zip(posts, shown, strict=True) if one.content]
        self._notes.content(now * 1000, page, content)


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
