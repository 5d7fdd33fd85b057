"""What every Graph API does with a request: it checks who asks, may refuse or stall, pages, and tells of its limits.

Every answer carries the world's clock as `Date`, and the usage headers.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate
from itertools import cycle
from typing import Any, NamedTuple, TypeVar

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.graph import paging
from ingest.simulator.graph.errors import THROTTLES, GraphError, invalid_cursor, invalid_token
from ingest.simulator.graph.limits import Budget
from ingest.simulator.obstacles import BURST_SECONDS, Obstacles

VERSION = "v25.0"
MOST_ITEMS = 100
TOO_MUCH = 25
"""Above so many items a page the platform may find that it is too much."""

FORM: web.RequestKey[Mapping[str, Any]] = web.RequestKey("form", Mapping)
"""What was posted; empty for a GET."""

T = TypeVar("T")


class Access(NamedTuple):
    """What a caller must show: the accounts' token, and if it sends a proof, one made with an app secret."""

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


class Desk:
    """`present` brings the world up to now and returns the second. `throttles`: the errors of who asks too often."""

    most_items = MOST_ITEMS
    too_much = TOO_MUCH
    throttles: Sequence[tuple[int, str]] = THROTTLES

    def __init__(self, plan: Plan, tally: Tally, access: Access, present: Callable[[], int]) -> None:
        self._plan = plan
        self._tally = tally
        self._obstacles = Obstacles(plan, tally)
        self._access = access
        self._present = present
        self._budget = Budget()
        self._refusals = cycle(self.throttles)

    def _serve(self, answer: Callable[[web.Request, int], Mapping[str, Any]]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            await self._obstacles.slow()
            request[FORM] = await request.post()
            now, status = self._present(), 200
            body: Mapping[str, Any]
            try:
                self._access.check(request)
                self._obstruct(request)
                body = answer(request, now)
            except GraphError as error:
                status, body = error.status, error.body()
            headers = {"Date": formatdate(now, usegmt=True), "Facebook-API-Version": VERSION}
            return web.json_response(body, status=status, headers=headers | self._usage(request))

        return handle

    def _usage(self, request: web.Request) -> dict[str, str]:
        """The headers that tell how much of a limit is spent."""
        raise NotImplementedError

    def _obstruct(self, request: web.Request) -> None:
        """The plan's faults, before anything is read."""
        obstacles = self._obstacles
        self._budget.spend()
        if obstacles.burst():
            self._budget.exhaust(BURST_SECONDS)
        if obstacles.refused(too_often=self._budget.percent >= 100):
            code, message = next(self._refusals)
            raise GraphError(400, code, message, transient=True)
        if obstacles.broken():
            raise GraphError(500, 2, "Service temporarily unavailable", transient=True)
        if obstacles.met("error_in_200", self._plan.error_in_200_every):
            raise GraphError(200, 1, "An unknown error occurred", transient=True)
        if self._limit(request) > self.too_much and obstacles.met("too_much_data", self._plan.too_much_data_every):
            raise GraphError(500, 1, "Please reduce the amount of data you're asking for, then retry your request")
        if obstacles.cursor_lost(request.query.get("after")):
            raise invalid_cursor()

    def _page(
        self, request: web.Request, items: Sequence[T], name: Callable[[T], str]
    ) -> tuple[Sequence[T], dict[str, Any]]:
        """One page of a listing and its `paging`; at times a page is empty although more follows."""
        after = request.query.get("after")
        part = paging.cut(items, self._limit(request), after, name)
        if part.more and (number := self._obstacles.page_empty()):
            same_place = paging.encode(paging.decode(after) if after else "", number)
            return [], {"paging": {"next": _next(request, same_place)}}
        found = items[part.start : part.end]
        if not found:
            return [], {}
        cursors = {"before": paging.encode(name(found[0])), "after": paging.encode(name(found[-1]))}
        more = {"next": _next(request, cursors["after"])} if part.more else {}
        return found, {"paging": {"cursors": cursors, **more}}

    def _limit(self, request: web.Request) -> int:
        text = request.query.get("limit", "25")
        if not text.isdigit():
            raise GraphError(400, 100, "(#100) Param limit must be an integer")
        return max(1, min(int(text), self.most_items))


def _next(request: web.Request, after: str) -> str:
    """Full address of the page that follows."""
    query = {name: value for name, value in request.query.items() if name != "after"}
    return str(request.url.with_query(query | {"after": after}))
