"""Posts what a platform has to say, several at a time, each again and again until it is taken."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from typing import Generic, Protocol, TypeVar

import aiohttp
from aiohttp import web

from ingest.simulator.faults import Plan, Tally

CONNECTIONS = 8
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
"""Seconds of wall time between attempts; the platform's own schedule, compressed."""

PREVIOUS_SECRET_SHARE = 0.1


@dataclass(slots=True)
class Parcel:
    """Bytes to be posted until they are taken. A forged one expects a 401; `reasons`: what of it is refused later.

    `deserves`: what it must be answered with, if not all of it is to be taken though nobody forged it. `address` is
    what follows the endpoint's own; `headers` are its own beside the endpoint's.
    """

    body: bytes
    sent_at: int
    reasons: list[str] = field(default_factory=list, kw_only=True)
    is_forged: bool = field(default=False, kw_only=True)
    is_repeated: bool = field(default=False, kw_only=True)
    deserves: int | None = field(default=None, kw_only=True)
    address: str = field(default="", kw_only=True)
    headers: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def refusal(self) -> int | None:
        """The answer that it must get, if that is a refusal."""
        return 401 if self.is_forged else self.deserves


P = TypeVar("P", bound=Parcel)
Taken = TypeVar("Taken", bound=Parcel, contravariant=True)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a platform posts, and how it shows that it is the platform.

    `sign(body, secret)` gives the headers that prove it, `forge(body, rng)` those of somebody who knows no secret.
    `secrets`: newest first; without one nothing is signed. `taken`: the answers after which it is not sent again;
    `attempts`: after how many a refusal is the last word, if the platform gives up; without any answer nobody would
    know whether it was taken.
    """

    url: str
    secrets: tuple[str, ...]
    headers: Mapping[str, str]
    sign: Callable[[bytes, str], Mapping[str, str]]
    forge: Callable[[bytes, Random], Mapping[str, str]]
    taken: frozenset[int] = frozenset({200})
    attempts: int | None = None


class Courier(Protocol[Taken]):
    """How parcels reach the pipeline: posted to it, or along a stream that it has opened."""

    pending: int
    answers: Counter[str]
    dead_letters: Counter[str]

    def put(self, parcels: Iterable[Taken]) -> None: ...

    async def run(self) -> None:
        """Bring them until cancelled."""

    async def settled(self) -> None:
        """Wait until everything that was put is taken, repetitions included."""

    def routes(self) -> Sequence[web.RouteDef]:
        """Where the pipeline comes for them, if it does."""


class Sender(Generic[P]):
    """`taken` is told of each parcel when it, or what is good of it, is taken for the first time."""

    def __init__(
        self,
        endpoint: Endpoint,
        taken: Callable[[P], None],
        plan: Plan,
        tally: Tally,
        rng: Random,
        connections: int = CONNECTIONS,
    ) -> None:
        self._endpoint = endpoint
        self._taken = taken
        self._plan = plan
        self._tally = tally
        self._rng = rng
        self._connections = connections
        self._queue: asyncio.Queue[P] = asyncio.Queue()
        self.pending = 0
        self._settled = asyncio.Event()
        self._settled.set()
        self.answers: Counter[str] = Counter()
        self.dead_letters: Counter[str] = Counter()

    def routes(self) -> Sequence[web.RouteDef]:
        return ()

    def put(self, parcels: Iterable[P]) -> None:
        for parcel in parcels:
            self._expect()
            self._queue.put_nowait(parcel)

    async def settled(self) -> None:
        await self._settled.wait()

    def _expect(self) -> None:
        self.pending += 1
        self._settled.clear()

    async def run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=60)
        connector = aiohttp.TCPConnector(limit=self._connections)
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector) as session,
            asyncio.TaskGroup() as group,
        ):
            for _ in range(self._connections):
                group.create_task(self._work(session))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            parcel = await self._queue.get()
            await self._deliver(session, parcel)
            self.pending -= 1
            if not self.pending:
                self._settled.set()

    async def _deliver(self, session: aiohttp.ClientSession, parcel: P) -> None:
        pause = FIRST_PAUSE
        proof = self._proof(parcel)
        for attempt in count(1):
            headers = {**self._endpoint.headers, **parcel.headers, **proof(parcel.body)}
            status = await self._post(session, parcel, headers)
            self.answers[str(status)] += 1
            if status in self._endpoint.taken or (parcel.refusal and status is not None and _is_final(status)):
                break
            if status is not None and attempt >= (self._endpoint.attempts or attempt + 1):
                self._tally.add("given_up")
                return
            await asyncio.sleep(pause * self._rng.uniform(0.8, 1.2))
            pause = min(pause * 2, LONGEST_PAUSE)
        if parcel.refusal:
            word = "forged" if parcel.is_forged else "refused"
            self._tally.add(word if status == parcel.refusal else f"{word}_accepted")
            if status == parcel.deserves:
                self._taken(parcel)
        elif parcel.is_repeated:
            self._tally.add("resent")
        else:
            self._taken(parcel)
            self.dead_letters.update(parcel.reasons)
            self._repeat(parcel)

    async def _post(self, session: aiohttp.ClientSession, parcel: P, headers: dict[str, str]) -> int | None:
        """Status of the answer; None if there was none."""
        try:
            async with session.post(self._endpoint.url + parcel.address, data=parcel.body, headers=headers) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    def _proof(self, parcel: P) -> Callable[[bytes], Mapping[str, str]]:
        """What makes its headers, at every attempt anew: a stamp in them must not grow old."""
        endpoint = self._endpoint
        if parcel.is_forged:
            forged = endpoint.forge(parcel.body, self._rng)
            return lambda _body: forged
        if not endpoint.secrets:
            return lambda _body: {}
        is_previous = len(endpoint.secrets) > 1 and self._rng.random() < PREVIOUS_SECRET_SHARE
        secret = endpoint.secrets[1 if is_previous else 0]
        return lambda body: endpoint.sign(body, secret)

    def _repeat(self, parcel: P) -> None:
        if self._rng.random() < self._plan.resend:
            for _ in range(self._rng.randrange(1, 4)):
                self._expect()
                again = replace(parcel, is_repeated=True)
                asyncio.get_running_loop().call_later(self._rng.uniform(0, 2), self._queue.put_nowait, again)


def _is_final(status: int) -> bool:
    """Not one that asks to come again."""
    return status < 500 and status != 429
