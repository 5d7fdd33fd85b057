"""The stream: server-sent events to whoever listens, and to nobody else; a connection breaks now and then."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from aiohttp import web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.outbox import Delivery
from ingest.simulator.shows import Setup
from ingest.simulator.wire import Change

PREFIX = "/mastodon"
HEARTBEAT_SECONDS = 5.0
BREAKS_EVERY = 97
"""Notifications, in a plan in which servers fail."""


class Stream:
    """A courier that is fetched from. What is put while nobody listens is lost: the list of notifications has it."""

    def __init__(
        self, setup: Setup, _secrets: str, taken: Callable[[Delivery], None], plan: Plan, tally: Tally, _rng: Random
    ) -> None:
        self._token = setup.token
        self._taken = taken
        self._tally = tally
        self._breaks_every = BREAKS_EVERY if plan.server_error_every else 0
        self._listening: set[asyncio.Queue[Delivery]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self.pending = 0
        self.answers: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get(f"{PREFIX}/api/v1/streaming/user/notification", self._listen)]

    def put(self, parcels: Iterable[Delivery]) -> None:
        for parcel in parcels:
            if parcel.is_forged or not self._listening:
                continue
            for queue in self._listening:
                self.pending += 1
                self._idle.clear()
                queue.put_nowait(parcel)

    async def run(self) -> None:
        """Whoever listens is told as it is put."""
        await asyncio.Event().wait()

    async def settled(self) -> None:
        await self._idle.wait()

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.json_response({"error": "The access token is invalid"}, status=401)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        await response.write(b":)\n")
        queue: asyncio.Queue[Delivery] = asyncio.Queue()
        self._listening.add(queue)
        self.answers["connected"] += 1
        try:
            await self._serve(response, queue)
        except (ConnectionError, asyncio.CancelledError):
            self._tally.add("stream_left")
        finally:
            self._listening.discard(queue)
            self._done(queue.qsize())
        return response

    async def _serve(self, response: web.StreamResponse, queue: asyncio.Queue[Delivery]) -> None:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    parcel = await queue.get()
            except TimeoutError:
                await response.write(b":thump\n")
                continue
            try:
                is_broken = await self._tell(response, parcel)
            finally:
                self._done(1)
            if is_broken:
                self._tally.add("stream_broken")
                await response.write_eof()
                return

    async def _tell(self, response: web.StreamResponse, parcel: Delivery) -> bool:
        """Whether the connection is to break behind what was told of it."""
        told: list[Change] = []
        is_broken = False
        if parcel.body and not parcel.changes:
            await response.write(_event(parcel.body))
        for change in parcel.changes:
            await response.write(_event(change.text.encode()))
            told.append(change)
            is_broken = self._tally.due("stream_broken", self._breaks_every)
            if is_broken:
                break
        self.dead_letters.update(_reasons(parcel, told))
        self._taken(replace(parcel, changes=[change for change in told if not _is_malformed(change)]))
        return is_broken

    def _done(self, number: int) -> None:
        self.pending -= number
        if not self.pending:
            self._idle.set()


def _event(text: bytes) -> bytes:
    return b"event: notification\ndata: " + text + b"\n\n"


def _is_malformed(change: Change) -> bool:
    """Those were never made: they have no time."""
    return not change.made_at


def _reasons(parcel: Delivery, told: Sequence[Change]) -> Mapping[str, int]:
    """Why what was told of it is refused: a message that is no JSON, or the notification that was put in between."""
    was_told = not parcel.changes or any(map(_is_malformed, told))
    return Counter(parcel.reasons) if was_told else {}
