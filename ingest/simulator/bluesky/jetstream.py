"""Jetstream, version 1: one log of messages, read from any position, on two hosts that hold the same.

A message counts as taken when it stands in the log, since a position leads to it. A position is inclusive: whoever
comes back is told the last message again. Connections break, and messages that were on their way are lost with them.
"""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import Random

from aiohttp import WSMsgType, web

from ingest.simulator.faults import Plan, Tally
from ingest.simulator.outbox import Delivery
from ingest.simulator.shows import Setup

HOSTS = ("/bluesky/jetstream-1", "/bluesky/jetstream-2")
LOOKBACK_SECONDS = 36 * 3600
PACE_SECONDS = 0.02
MOST_AT_ONCE = 200
"""Messages that are sent without a pause."""
_UNTIMED = b'{"did":'


@dataclass(eq=False, slots=True)
class _Listener:
    """A connection. `at`: the place in the log that is sent next; `heard`: that up to which it has answered a ping."""

    at: int
    heard: int = -1


class Jetstream:
    """`taken` is told of each delivery when its messages stand in the log."""

    def __init__(
        self,
        setup: Setup,
        _secrets: str,
        taken: Callable[[Delivery], None],
        plan: Plan,
        tally: Tally,
        rng: Random,
    ) -> None:
        self._clock = setup.clock
        self._begins_us = setup.begins_at * 1_000_000
        self._taken = taken
        self._plan = plan
        self._tally = tally
        self._rng = rng
        self._times: list[int] = []
        self._log: list[bytes] = []
        self._listeners: set[_Listener] = set()
        self._sent: set[int] = set()
        self._answered = asyncio.Event()
        self.pending = 0
        self.answers: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get(f"{host}/subscribe", self._subscribe) for host in HOSTS]

    async def run(self) -> None:
        """Whoever listens is served by the connection itself."""

    def put(self, parcels: Iterable[Delivery]) -> None:
        for delivery in parcels:
            if delivery.body:
                self._append(delivery.body)
            for change in delivery.changes:
                if change.text:
                    self._append(change.text.encode(), change.made_at)
            self.dead_letters.update(delivery.reasons)
            self._taken(delivery)

    def _append(self, text: bytes, second: int = 0) -> None:
        """What has no time of its own follows at once on what is there."""
        time_us = max(second * 1_000_000, self._times[-1] + 1 if self._times else self._begins_us)
        if text.startswith(_UNTIMED) and text.endswith(b"}"):
            text = b'{"time_us":%d,%s' % (time_us, text[1:])
        self._times.append(time_us)
        self._log.append(text)

    async def settled(self) -> None:
        """Wait until somebody has read the whole log, which they show by answering what was sent behind it."""
        while not any(one.heard >= len(self._log) for one in self._listeners):
            self._answered.clear()
            await self._answered.wait()

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        if not request.query.getall("wantedCollections", []):
            raise web.HTTPBadRequest
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        listener = _Listener(self._place(int(request.query.get("cursor", "0"))))
        self._listeners.add(listener)
        self.answers["connected"] += 1
        hearing = asyncio.create_task(self._hear(socket, listener))
        try:
            await self._tell(request, socket, listener)
        except ConnectionError:
            self.answers["left"] += 1
        finally:
            hearing.cancel()
            self._listeners.discard(listener)
        return socket

    def _place(self, cursor: int) -> int:
        """Where a position leads. In a world that is played faster the look-back is as long for who reads it."""
        seconds = LOOKBACK_SECONDS * max(1.0, self._clock.speed)
        earliest = (self._clock.now_ms() - int(seconds * 1000)) * 1000
        return bisect_left(self._times, max(cursor, earliest))

    async def _tell(self, request: web.Request, socket: web.WebSocketResponse, listener: _Listener) -> None:
        pinged = -1
        while not socket.closed:
            until = min(len(self._log), listener.at + MOST_AT_ONCE)
            while listener.at < until:
                await socket.send_str(self._log[listener.at].decode())
                self._count(listener.at)
                listener.at += 1
                if self._tally.due("stream_broken", self._plan.break_every):
                    self._tally.add("stream_broken")
                    if self._rng.random() < 0.5 and request.transport is not None:
                        request.transport.abort()
                    await socket.close()
                    return
            if listener.at == len(self._log) and pinged != listener.at:
                pinged = listener.at
                await socket.ping(str(pinged).encode())
            await asyncio.sleep(PACE_SECONDS)

    def _count(self, place: int) -> None:
        self.answers["messages"] += 1
        if place in self._sent:
            self._tally.add("redelivered")
        self._sent.add(place)

    async def _hear(self, socket: web.WebSocketResponse, listener: _Listener) -> None:
        async for message in socket:
            if message.type is WSMsgType.PONG and message.data:
                listener.heard = max(listener.heard, int(bytes(message.data)))
                self._answered.set()
            elif message.type is WSMsgType.PING:
                await socket.pong(message.data)
