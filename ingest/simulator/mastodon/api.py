"""The REST API: arrays with Link headers, limits told in headers, errors with hardly a word."""

import datetime as dt
from collections.abc import Callable, Sequence
from email.utils import formatdate
from time import monotonic
from typing import Any, TypeVar, cast

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph.desk import Access
from ingest.simulator.ledger import Notes
from ingest.simulator.ledger.counting import local_day
from ingest.simulator.listings import Listings
from ingest.simulator.mastodon import nodes
from ingest.simulator.mastodon.stream import PREFIX
from ingest.simulator.mastodon.world import Notice, Status, World
from ingest.simulator.obstacles import Obstacles
from ingest.simulator.posts import Remark
from ingest.simulator.world import World as AnyWorld

LIMIT, LIMIT_SECONDS = 3_000, 300
MOST_STATUSES, MOST_NOTIFICATIONS = 40, 80

T = TypeVar("T")
Body = dict[str, Any] | list[Any]


class ApiError(Exception):
    """Answered as `{"error": ...}`."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Api:
    """Handlers. `present` brings the world up to now and returns the second."""

    def __init__(
        self, world: AnyWorld, notes: Notes, plan: Plan, tally: Tally, access: Access, present: Callable[[], int]
    ) -> None:
        assert isinstance(world, World)
        self._world = world
        self._notes = notes
        self._obstacles = Obstacles(plan, tally)
        self._token = access.token
        self._present = present
        self._listings = Listings(notes)
        self._spent = 0
        self._counted_until = 0.0

    def routes(self) -> Sequence[web.RouteDef]:
        at = f"{PREFIX}/api/v1"
        return [
            web.get(f"{at}/accounts/{{id}}", self._serve(self._account)),
            web.get(f"{at}/accounts/{{id}}/statuses", self._serve(self._statuses)),
            web.get(f"{at}/statuses/{{id}}/context", self._serve(self._context)),
            web.get(f"{at}/notifications", self._serve(self._notifications)),
        ]

    def _serve(self, answer: Callable[[web.Request, int, dict[str, str]], Body]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            await self._obstacles.slow()
            now, status, headers = self._present(), 200, dict[str, str]()
            body: Body
            try:
                self._obstruct(request)
                body = answer(request, now, headers)
            except ApiError as error:
                status, body = error.status, {"error": error.text}
            headers |= self._limits(now) | {"Date": formatdate(now, usegmt=True)}
            return web.json_response(body, status=status, headers=headers)

        return handle

    def _obstruct(self, request: web.Request) -> None:
        """Credentials, the limit, and the plan's faults, before anything is read."""
        moment = monotonic()
        if request.headers.get("Authorization", "") != f"Bearer {self._token}":
            raise ApiError(401, "The access token is invalid")
        if moment >= self._counted_until:
            self._spent, self._counted_until = 0, moment + LIMIT_SECONDS
        self._spent += 1
        self._obstacles.burst()
        if self._obstacles.refused(too_often=self._spent > LIMIT):
            raise ApiError(429, "Too many requests")
        if self._obstacles.broken():
            raise ApiError(503, "Remote SSL certificate could not be verified")

    def _limits(self, now: int) -> dict[str, str]:
        is_stopped = self._obstacles.is_stopped
        seconds = 1 if is_stopped else LIMIT_SECONDS
        reset = dt.datetime.fromtimestamp(now + seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        return {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": "0" if is_stopped else str(max(0, LIMIT - self._spent)),
            "X-RateLimit-Reset": reset,
        }

    def _account(self, request: web.Request, now: int, _headers: dict[str, str]) -> Body:
        page = self._world.page.get(request.match_info["id"])
        if page is None:
            raise ApiError(404, "Record not found")
        count = page.followers_at(now)
        day = local_day(now * 1000, page.zone)
        self._notes.observed(now * 1000, page.id, [(None, "followers", f"day:{day}", count, "known")])
        return {**nodes.person(page.id), "followers_count": count}

    def _statuses(self, request: web.Request, now: int, headers: dict[str, str]) -> Body:
        page = self._world.page.get(request.match_info["id"])
        if page is None:
            raise ApiError(404, "Record not found")
        standing = [cast(Status, post) for post in reversed(self._world.posts_of[page.id]) if post.deleted_at is None]
        found = _older(request, standing, lambda post: int(post.id), MOST_STATUSES)
        if found and found[-1] is not standing[-1]:
            headers["Link"] = _link(request, "next", max_id=found[-1].id)
        self._notes.observed(now * 1000, page.id, [value for post in found for value in nodes.counters(post)])
        self._notes.content(now * 1000, page.id, [(post.id, nodes.content(post, now)) for post in found])
        return [nodes.status(post, now) for post in found]

    def _context(self, request: web.Request, now: int, _headers: dict[str, str]) -> Body:
        post = self._world.posts.get(request.match_info["id"])
        if post is None or post.deleted_at is not None:
            raise ApiError(404, "Record not found")
        below = [cast(Remark, one) for one in post.comments if not one.is_removed]
        told = [(one.number, True, nodes.link(one)) for one in below]
        told += [(one.numbers["edited"], True, nodes.link(one)) for one in below if one.edited_at is not None]
        self._notes.listed(now * 1000, told)
        self._listings.begins(post.id)
        self._listings.shows(post.id, below, [])
        self._listings.page_ends(now, post.id, None, True)
        return {"ancestors": [], "descendants": [nodes.answer(one) for one in below]}

    def _notifications(self, request: web.Request, now: int, headers: dict[str, str]) -> Body:
        kinds = request.query.getall("types[]", [])
        listed = [one for one in self._world.notices if not one.is_vanished and (not kinds or one.kind in kinds)]
        limit = min(int(request.query.get("limit", "40")), MOST_NOTIFICATIONS)
        newest_first = list(reversed(listed))
        if (min_id := request.query.get("min_id")) is not None:
            found = list(reversed([one for one in listed if int(one.id) > int(min_id)][:limit]))
        else:
            found = _older(request, newest_first, lambda one: int(one.id), MOST_NOTIFICATIONS)
        if found:
            links = [_link(request, "prev", min_id=found[0].id)]
            if found[-1] is not newest_first[-1]:
                links.insert(0, _link(request, "next", max_id=found[-1].id))
            headers["Link"] = ", ".join(links)
        self._note(now, found)
        return [nodes.notification(self._world, one, now) for one in found]

    def _note(self, now: int, found: Sequence[Notice]) -> None:
        """Each shown with its status offers what it tells of. Its time is its own, whoever brings it."""
        if facts := [(one.number, True) for one in found if one.number >= 0 and not one.is_emptied]:
            self._notes.delivered(now * 1000, facts)


def _older(request: web.Request, items: Sequence[T], place: Callable[[T], int], most: int) -> list[T]:
    """The newest of those before `max_id`."""
    limit = min(int(request.query.get("limit", "20")), most)
    max_id = int(request.query.get("max_id", str(2**63)))
    return [item for item in items if place(item) < max_id][:limit]


def _link(request: web.Request, relation: str, **ids: str) -> str:
    kept = [(name, value) for name, value in request.query.items() if name not in ("max_id", "min_id", "since_id")]
    return f'<{request.url.with_query([*kept, *ids.items()])}>; rel="{relation}"'
