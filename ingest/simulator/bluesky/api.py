"""Bluesky's public API as far as it is polled, and what each answer tells the ledger."""

import datetime as dt
from collections.abc import Callable, Sequence
from email.utils import formatdate
from operator import itemgetter
from typing import Any, cast

from aiohttp import web

from ingest.simulator.bluesky import wire
from ingest.simulator.bluesky.acts import POST
from ingest.simulator.bluesky.world import Skeet, handle
from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.graph.nodes import LIFETIME, Value
from ingest.simulator.ledger import Notes
from ingest.simulator.ledger.counting import local_day
from ingest.simulator.obstacles import Obstacles
from ingest.simulator.population import Page
from ingest.simulator.posts import Comment
from ingest.simulator.world import World

PREFIX = "/bluesky/xrpc"
LIMIT = 3_000
THREAD = "app.bsky.feed.defs#threadViewPost"


class XrpcError(Exception):
    """Answered as `{"error": ..., "message": ...}`."""

    def __init__(self, status: int, name: str) -> None:
        super().__init__(name)
        self.status = status
        self.name = name


class Api:
    """Handlers. `present` brings the world up to now and returns the second."""

    def __init__(
        self, world: World, notes: Notes, plan: Plan, tally: Tally, access: Access, present: Callable[[], int]
    ) -> None:
        self._world = world
        self._notes = notes
        self._obstacles = Obstacles(plan, tally)
        self._token = access.token
        self._present = present
        self._asked = 0

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.get(f"{PREFIX}/app.bsky.actor.getProfile", self._serve(self._profile)),
            web.get(f"{PREFIX}/app.bsky.feed.getAuthorFeed", self._serve(self._feed)),
            web.get(f"{PREFIX}/app.bsky.feed.getLikes", self._serve(self._likes)),
            web.get(f"{PREFIX}/app.bsky.feed.getPostThread", self._serve(self._thread)),
            web.get(f"{PREFIX}/app.bsky.feed.getQuotes", self._serve(self._quotes)),
        ]

    def _serve(self, answer: Callable[[web.Request, int], dict[str, Any]]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            await self._obstacles.slow()
            now, status = self._present(), 200
            try:
                self._obstruct(request)
                body = answer(request, now)
            except XrpcError as error:
                status, body = error.status, {"error": error.name, "message": error.name}
            left = 0 if status == 429 else LIMIT - self._asked % (LIMIT // 2)  # nobody ever asks for all of it
            limits = {
                "ratelimit-limit": str(LIMIT),
                "ratelimit-remaining": str(left),
                "ratelimit-reset": str(now + 1),
                "Date": formatdate(now, usegmt=True),
            }
            return web.json_response(body, status=status, headers=limits)

        return handle

    def _obstruct(self, request: web.Request) -> None:
        """Credentials, if any are shown, and the plan's faults."""
        self._asked += 1
        if request.headers.get("Authorization", f"Bearer {self._token}") != f"Bearer {self._token}":
            raise XrpcError(400, "InvalidToken")
        self._obstacles.burst()
        if self._obstacles.refused():
            raise XrpcError(429, "RateLimitExceeded")
        if self._obstacles.broken():
            raise XrpcError(502, "UpstreamFailure")

    def _account(self, request: web.Request) -> Page:
        page = self._world.page.get(request.query.get("actor", ""))
        if page is None:
            raise XrpcError(400, "InvalidRequest")
        return page

    def _profile(self, request: web.Request, now: int) -> dict[str, Any]:
        page = self._account(request)
        followers = page.followers_at(now)
        day = local_day(now * 1000, page.zone)
        self._notes.observed(now * 1000, page.id, [(None, "followers", f"day:{day}", followers, "known")])
        return {"did": page.id, "handle": handle(page.id), "followersCount": followers, "followsCount": 3}

    def _feed(self, request: web.Request, now: int) -> dict[str, Any]:
        page = self._account(request)
        posts = [cast(Skeet, post) for post in reversed(self._world.posts_of[page.id]) if post.deleted_at is None]
        shown, more = _page(request, posts)
        self._notes.observed(now * 1000, page.id, [value for post in shown for value in _counters(post)])
        self._notes.content(now * 1000, page.id, [(post.id, _content(post, now)) for post in shown])
        return {"feed": [{"post": _view(post, now)} for post in shown]} | more

    def _post(self, request: web.Request) -> Skeet:
        post = self._world.posts.get(request.query.get("uri", "").rpartition("/")[2])
        if post is None or post.deleted_at is not None:
            raise XrpcError(400, "NotFound")
        return cast(Skeet, post)

    def _likes(self, request: web.Request, _now: int) -> dict[str, Any]:
        """One like a person, however many records, the newest first."""
        post = self._post(request)
        firsts = [(*min(rkeys.items(), key=itemgetter(1)), person) for person, rkeys in post.likers.items() if rkeys]
        shown, more = _page(request, sorted(firsts, key=itemgetter(1), reverse=True))
        listed = [
            {"actor": _actor(person), "createdAt": _normal(second, rkey), "indexedAt": _time(second)}
            for rkey, second, person in shown
        ]
        return {"uri": post.uri, "likes": listed} | more

    def _quotes(self, request: web.Request, _now: int) -> dict[str, Any]:
        post = self._post(request)
        shown, more = _page(request, list(reversed(post.quotes.items())))
        embed = {"$type": "app.bsky.embed.record", "record": {"cid": wire.CID, "uri": post.uri}}
        found = [_said(one.person, rkey, one.second, {"text": one.message, "embed": embed}) for rkey, one in shown]
        return {"uri": post.uri, "posts": found} | more

    def _thread(self, request: web.Request, now: int) -> dict[str, Any]:
        """Replies below the post, whatever they answer: a reader looks at what each of them says."""
        post = self._post(request)
        standing = [one for one in post.comments if not one.is_removed]
        below = [{"$type": THREAD, "post": _replied(post, one), "replies": []} for one in standing]
        return {"thread": {"$type": THREAD, "post": _view(post, now), "replies": below}}


def _replied(post: Skeet, one: Comment) -> dict[str, Any]:
    parent = one.parent.id if one.parent else post.uri
    reply = {"root": {"cid": wire.CID, "uri": post.uri}, "parent": {"cid": wire.CID, "uri": parent}}
    return _said(one.author, one.id.rpartition("/")[2], one.created_at, {"text": one.message, "reply": reply})


def _said(person: str, rkey: str, second: int, record: dict[str, Any]) -> dict[str, Any]:
    return {
        "uri": f"at://{person}/{POST}/{rkey}",
        "cid": wire.CID,
        "author": _actor(person),
        "record": {"$type": POST, "createdAt": wire.claimed(second, rkey)} | record,
        "indexedAt": _time(second),
    }


def _normal(second: int, rkey: str) -> str:
    """The index shows what is no time as the beginning of all."""
    said = wire.claimed(second, rkey)
    return "1970-01-01T00:00:00.000Z" if said in wire.ODD_CLOCKS.values() else said


def _page(request: web.Request, items: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """A page of a listing; the cursor is the place that it begins at."""
    cursor, limit = request.query.get("cursor", "0"), request.query.get("limit", "50")
    if not cursor.isdigit() or not limit.isdigit():
        raise XrpcError(400, "InvalidRequest")
    start, end = int(cursor), int(cursor) + min(int(limit), 100)
    return items[start:end], {"cursor": str(end)} if end < len(items) else {}


def _actor(person: str) -> dict[str, str]:
    return {"did": person, "handle": handle(person)}


def _time(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _view(post: Skeet, now: int) -> dict[str, Any]:
    record = {"$type": POST, "createdAt": _time(post.created_at)} | wire.content(post, now)
    return {
        "uri": post.uri,
        "cid": wire.CID,
        "author": _actor(post.page.id),
        "record": record,
        "indexedAt": _time(post.created_at),
        "likeCount": post.likes(),
        "repostCount": post.share_count() - len(post.quotes),
        "quoteCount": len(post.quotes),
        "replyCount": post.comment_count(False),
        "bookmarkCount": post.bookmarks,
    }


def _counters(post: Skeet) -> list[Value]:
    told = {
        "likes": post.likes(),
        "shares": post.share_count(),
        "reposts": post.share_count() - len(post.quotes),
        "quotes": len(post.quotes),
        "direct_comments": post.comment_count(False),
        "saves": post.bookmarks,
    }
    return [(post.id, metric, LIFETIME, value, "known") for metric, value in told.items()]


def _content(post: Skeet, now: int) -> dict[str, Any]:
    wording = post.wording(now)
    links = [*([post.external] if post.external else []), *wording.links]
    return {
        "published_at": post.created_at * 1000,
        "permalink": post.permalink,
        "format": post.format,
        "text_length": len(wording.message or ""),
        "hashtags": list(dict.fromkeys(wording.hashtags)),
        "mentions": wording.mentions,
        "links": links,
    }
