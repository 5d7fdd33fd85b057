"""Instagram's routes of the Graph API, under an address of their own: shapes, refusals, and what an answer tells."""

import datetime as dt
from hashlib import blake2b
from typing import Any, cast
from zoneinfo import ZoneInfo

from aiohttp import web

from ingest.simulator.graph import fields
from ingest.simulator.graph.desk import VERSION
from ingest.simulator.graph.errors import GraphError, invalid_metric, no_such_object
from ingest.simulator.graph.nodes import LIFETIME, Value, iso, names_author
from ingest.simulator.graph.server import Graph
from ingest.simulator.instagram.wire import scoped
from ingest.simulator.instagram.world import Media, tells_totals
from ingest.simulator.ledger.counting import local_day, moment
from ingest.simulator.listings import Listings
from ingest.simulator.population import Page, People
from ingest.simulator.posts import Remark

PREFIX = "/instagram"
TOTALS = {"total_like_count", "total_comments_count"}
FIRST_REPLIES = 4
"""So many replies come with their comment."""
LATE_SECONDS, LATE_DAY_SECONDS = 48 * 3600, 12 * 3600
"""Insights of a media, and an account's figures of a day, come so much later for some of them."""

_EVERY = {"views": "views", "reach": "reach", "shares": "shares", "total_interactions": "interactions"}
_FEED = {**_EVERY, "saved": "saves", "follows": "follows"}
_WATCHED = {
    "ig_reels_avg_watch_time": "watch_time_average_ms",
    "ig_reels_video_view_total_time": "watch_time_ms",
}
METRICS = {"image": _FEED, "carousel_album": _FEED, "reels": {**_EVERY, "saved": "saves", **_WATCHED}}
"""What a media of each format has. `profile_visits` of feed posts has been retired."""


class Api(Graph):
    """Handlers of accounts, media and comments; credentials, limits and faults are those of every Graph API."""

    pushes = ("comments", "mentions")

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._listings = Listings(self._notes)

    def routes(self) -> list[web.RouteDef]:
        at = f"{PREFIX}/{VERSION}/{{node}}"
        return [
            web.get(f"{PREFIX}/{VERSION}/app", self._serve(self._app)),
            web.get(at, self._serve(self._account)),
            web.get(f"{at}/subscribed_apps", self._serve(self._subscribed)),
            web.get(f"{at}/media", self._serve(self._media)),
            web.get(f"{at}/comments", self._serve(self._comments)),
            web.get(f"{at}/replies", self._serve(self._replies)),
            web.get(f"{at}/insights", self._serve(self._insights)),
        ]

    def _account(self, request: web.Request, now: int) -> dict[str, Any]:
        account = self._page_of(request)
        followers = account.followers_at(now)
        day = local_day(now * 1000, account.zone)
        self._notes.observed(now * 1000, account.id, [(None, "followers", f"day:{day}", followers, "known")])
        return {"followers_count": followers, "id": account.id}

    def _media(self, request: web.Request, now: int) -> dict[str, Any]:
        account = self._page_of(request)
        wanted = {field.name for field in fields.parse(request.query.get("fields", "id"))}
        if wanted & TOTALS and not tells_totals(account):
            raise GraphError(400, 100, "(#100) Tried accessing nonexisting field (total_like_count)")
        listed = list(reversed(self._world.posts_of[account.id]))
        found, answer = self._page(request, listed, lambda media: media.id)
        shown = [cast(Media, media) for media in found]
        values = [value for media in shown for value in _counters(media)]
        self._notes.observed(now * 1000, account.id, values, "organic")
        if wanted & TOTALS:
            self._notes.observed(now * 1000, account.id, [value for media in shown for value in _totals(media)])
        self._notes.content(now * 1000, account.id, [(media.id, _content(media, now)) for media in shown])
        return {"data": [_node(media, now, wanted) for media in shown]} | answer

    def _comments(self, request: web.Request, now: int) -> dict[str, Any]:
        media = self._post(request)
        if not request.query.get("after"):
            self._listings.begins(media.id)
        top = [cast(Remark, one) for one in media.comments if one.parent is None and not one.is_removed]
        found, answer = self._page(request, top, lambda one: one.id)
        data, told, longer = [], [], []
        for one in found:
            below = [cast(Remark, reply) for reply in one.replies if not reply.is_removed]
            first = below[:FIRST_REPLIES]
            node = _comment(one)
            if below:
                node["replies"] = {"data": [_comment(reply) for reply in first]}
            if below[FIRST_REPLIES:]:
                rest = f"{request.url.origin()}{PREFIX}/{VERSION}/{one.id}/replies?after={first[-1].id}"
                node["replies"]["paging"] = {"next": rest}
                longer.append(one.id)
                first = []
            data.append(node)
            told += [one, *first]
        self._tell(now, media.id, None, told, longer, "next" not in answer.get("paging", {}))
        return {"data": data} | answer

    def _replies(self, request: web.Request, now: int) -> dict[str, Any]:
        one = self._world.comments.get(request.match_info["node"])
        if one is None or one.is_removed:
            raise no_such_object(request.match_info["node"])
        replies = [cast(Remark, reply) for reply in one.replies if not reply.is_removed]
        found, answer = self._page(request, replies, lambda reply: reply.id)
        self._tell(now, one.post.id, one.id, list(found), [], "next" not in answer.get("paging", {}))
        return {"data": [_comment(reply) for reply in found]} | answer

    def _tell(
        self, now: int, media: str, comment: str | None, told: list[Remark], longer: list[str], is_last: bool
    ) -> None:
        """Note that these were listed, when they were written being told; and what follows once everything is."""
        self._notes.listed(now * 1000, [(one.number, names_author(one), None) for one in told])
        if self._listings.is_under_way(media):
            self._listings.shows(media, told, longer)
            self._listings.page_ends(now, media, comment, is_last)

    def _insights(self, request: web.Request, now: int) -> dict[str, Any]:
        account = self._world.page.get(request.match_info["node"])
        names = [name for name in request.query.get("metric", "").split(",") if name]
        return self._day(request, account, names, now) if account else self._lifetime(request, names, now)

    def _lifetime(self, request: web.Request, names: list[str], now: int) -> dict[str, Any]:
        """One metric that the media does not have spoils the request; without insights there is no zero."""
        media = cast(Media, self._post(request))
        ours = METRICS[media.format]
        if not names or any(name not in ours for name in names):
            raise invalid_metric()
        figures: dict[str, int | None] = {name: _figure(media, ours[name], now) for name in names}
        is_late = now - media.created_at < LATE_SECONDS and int(media.id) % 2 == 0
        if media.has != "told" or is_late:
            figures = dict.fromkeys(figures)
        values: list[Value] = [
            (media.id, ours[name], LIFETIME, value, "unavailable" if value is None else "known")
            for name, value in figures.items()
        ]
        self._notes.observed(now * 1000, media.page.id, values, "organic")
        if media.has == "too_few_viewers":
            raise GraphError(400, 10, "(#10) Not enough viewers for the media to show insights")
        if media.has == "before_conversion":
            raise GraphError(400, 100, "Invalid parameter", subcode=2108006)
        rows = [
            {
                "name": name,
                "period": LIFETIME,
                "values": [{"value": value}],
                "id": f"{media.id}/insights/{name}/lifetime",
            }
            for name, value in figures.items()
            if value is not None
        ]
        return {"data": rows}

    def _day(self, request: web.Request, account: Page, names: list[str], now: int) -> dict[str, Any]:
        """Totals between two instants, which are a local day's; the last one is not known at once."""
        if len(names) != 1 or names[0] not in ("reach", "views") or request.query.get("metric_type") != "total_value":
            raise invalid_metric()
        (name,) = names
        since, until = int(request.query["since"]), int(request.query["until"])
        day = local_day(since * 1000, account.zone)
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(account.zone))
        if moment(until * 1000) != midnight:
            raise GraphError(400, 100, "(#100) since and until are no day of the account")
        value = None if now - until < LATE_DAY_SECONDS else _of_day(account, name, day)
        state = "unavailable" if value is None else "known"
        self._notes.observed(now * 1000, account.id, [(None, name, f"day:{day}", value, state)])
        row = {
            "name": name,
            "period": "day",
            "total_value": {"value": value},
            "id": f"{account.id}/insights/{name}/day",
        }
        return {"data": [] if value is None else [row]}

    def _page_of(self, request: web.Request) -> Page:
        node = request.match_info["node"]
        if node not in self._world.page:
            raise no_such_object(node)
        return self._world.page[node]


def _like_count(media: Media) -> int:
    return 0 if media.hides_likes else media.likes()


def _counters(media: Media) -> list[Value]:
    """A counter of 0 likes says nothing: hidden ones are shown so."""
    likes = _like_count(media) or None
    return [
        (media.id, "likes", LIFETIME, likes, "known" if likes else "hidden"),
        (media.id, "comments", LIFETIME, media.comment_count(True), "known"),
    ]


def _totals(media: Media) -> list[Value]:
    likes = (_like_count(media) + media.ad_likes) or None
    return [
        (media.id, "likes", LIFETIME, likes, "known" if likes else "hidden"),
        (media.id, "comments", LIFETIME, media.comment_count(True), "known"),
    ]


def _node(media: Media, now: int, wanted: set[str]) -> dict[str, Any]:
    wording = media.wording(now)
    everything: dict[str, Any] = {
        "id": media.id,
        "media_type": {"image": "IMAGE", "reels": "VIDEO"}.get(media.format, "CAROUSEL_ALBUM"),
        "media_product_type": "REELS" if media.format == "reels" else "FEED",
        "permalink": media.permalink,
        "timestamp": iso(media.created_at),
        "like_count": _like_count(media),
        "comments_count": media.comment_count(True),
        "total_like_count": _like_count(media) + media.ad_likes,
        "total_comments_count": media.comment_count(True),
    }
    if wording.message is not None:
        everything["caption"] = wording.message
    return {name: value for name, value in everything.items() if name in wanted | {"id"}}


def _content(media: Media, now: int) -> dict[str, Any]:
    wording = media.wording(now)
    return {
        "published_at": media.created_at * 1000,
        "permalink": media.permalink,
        "format": media.format,
        "text_length": None if wording.message is None else len(wording.message),
        "hashtags": wording.hashtags,
        "mentions": wording.mentions,
        "links": wording.links,
    }


def _comment(one: Remark) -> dict[str, Any]:
    """Of its own comments an account is told that they are; of some others not who wrote them."""
    account = one.post.page
    node: dict[str, Any] = {
        "id": one.id,
        "text": one.message,
        "timestamp": iso(one.created_at),
        "hidden": one.is_hidden,
    }
    if one.author == account.id:
        own = scoped(account.id)
        node |= {"username": account.name, "from": {"id": own, "username": account.name}, "user": {"id": account.id}}
    elif names_author(one):
        name = People.name(one.author)
        node |= {"username": name, "from": {"id": one.author, "username": name}}
    if one.parent is not None:
        node["parent_id"] = one.parent.id
    return node


def _figure(media: Media, metric: str, now: int) -> int:
    match metric:
        case "views":
            return media.views(now)
        case "reach":
            return media.reach(now)
        case "shares":
            return media.share_count()
        case "saves":
            return media.saves
        case "interactions":
            return media.likes() + media.comment_count(True) + media.share_count() + media.saves
        case "watch_time_ms":
            return 1000 * media.plays
        case "watch_time_average_ms":
            return 1000 * media.plays // max(1, media.views(now))
        case _:
            return len(media.reactions) // 50


def _of_day(account: Page, name: str, day: dt.date) -> int:
    """Invented, and the same whenever it is asked for."""
    digest = blake2b(f"{account.id} {name} {day}".encode(), digest_size=4).digest()
    return 100 + int.from_bytes(digest, "big") % 20_000
