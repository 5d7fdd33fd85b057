"""What is answered to the own sites: touches and conversions, a click on its way, and the snippet for their pages.

Whoever writes here is anybody: a write key stands in a page. So what cannot be used is refused and counted, never kept
as a dead letter, and everybody is held to a rate.
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from uuid import uuid4

from aiohttp import web
from msgspec import Raw
from multidict import CIMultiDict

from contracts import metrics
from contracts.config import Site
from contracts.paid import Touch
from ingest.collector import bots, parse, target
from ingest.collector.buckets import Buckets
from ingest.collector.parse import Fact, Teller
from ingest.collector.sites import Sites, may_speak, visitor_host
from ingest.collector.snippet import SCRIPT
from ingest.fields import Unusable
from ingest.kafka import KafkaAway
from ingest.records import Records
from ingest.webhooks.answers import answer, unavailable
from ingest.webhooks.body import NoBody, read_body
from ingest.writer import Write
from runtime.instruments import Instruments

PREFIX = "/collect/"
KEY_HEADER = "X-Write-Key"
MAX_BYTES = 64 * 1024
CLICK_SECONDS = 0.5
"""How long somebody waits on their way for Kafka to have their click; then they go on without."""
MOST_HOSTS, MOST_KEYS = 50_000, 1_000
PREFLIGHT_SECONDS = 86_400
_MEDIA = frozenset(("application/json", "text/plain"))  # what sendBeacon posts without asking first is text/plain
_READERS = {"touches": parse.touch, "conversions": parse.conversion}
_TAG = f'"{blake2b(SCRIPT, digest_size=8).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second in the long run, of a host and of a write key; `proxies` of ours stand before us."""

    per_host: float
    per_key: float
    proxies: int = 0


@dataclass(frozen=True, slots=True)
class People:
    """How visitors and customers become pseudonyms."""

    visitor: Callable[[str], str]
    customer: Callable[[str], str]


class Refused(Exception):
    """A request that ends here: what to count it as, and what to answer."""

    def __init__(self, outcome: str, status: int, text: str = "", retry_after: float = 0.0) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.status = status
        self.text = text
        self.headers = {"Retry-After": str(int(retry_after) + 1)} if retry_after else {}


class Collector:
    """Handles requests under /collect/."""

    def __init__(
        self,
        sites: Sites,
        people: People,
        rates: Rates,
        records: Records,
        write: Write,
        instruments: Instruments,
        wall_ms: Callable[[], int],
    ) -> None:
        self._sites = sites
        self._people = people
        self._records = records
        self._write = write
        self._wall_ms = wall_ms
        self._proxies = rates.proxies
        self._hosts = Buckets(rates.per_host, int(rates.per_host * 5), MOST_HOSTS)
        self._keys = Buckets(rates.per_key, int(rates.per_key * 2), MOST_KEYS)
        self._counted = cache(lambda metric, *labels: instruments.counter(metric).labels(*labels))

    def use(self, sites: Sites, people: People) -> None:
        """From the next request on, these sites and keys."""
        self._sites, self._people = sites, people

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. Paths and methods that are not listed here do not exist."""
        name = request.path.removeprefix(PREFIX)
        if name in _READERS:
            if request.method == "OPTIONS":
                return self._preflight(request)
            if request.method == "POST":
                return await self._collect(name, request)
            return answer(405, headers={"Allow": "OPTIONS, POST"})
        if name in ("click", "engagement.js"):
            if request.method not in ("GET", "HEAD"):
                return answer(405, headers={"Allow": "GET, HEAD"})
            return _snippet(request) if name == "engagement.js" else await self._click(request)
        return answer(404)

    # -- touches and conversions ---------------------------------------------------------------------------------

    def _preflight(self, request: web.BaseRequest) -> web.Response:
        origin = request.headers.get("Origin")
        if origin is None or not self._sites.is_origin(origin):
            return answer(403, headers={"Vary": "Origin"})
        allowed = {"Methods": "POST", "Headers": f"Content-Type, {KEY_HEADER}"}
        headers = {f"Access-Control-Allow-{name}": value for name, value in allowed.items()}
        return answer(204, headers=_shared(origin) | headers | {"Access-Control-Max-Age": str(PREFLIGHT_SECONDS)})

    async def _collect(self, name: str, request: web.BaseRequest) -> web.Response:
        origin = request.headers.get("Origin")
        shared = _shared(origin) if origin is not None and self._sites.is_origin(origin) else {"Vary": "Origin"}
        try:
            outcome, refused = await self._taken(name, request)
        except Refused as error:
            self._counted(metrics.COLLECTED, name, error.outcome).inc()
            is_over = error.outcome == "rejected"
            return answer(error.status, error.text, headers=shared | error.headers, close=is_over)
        except KafkaAway:
            self._counted(metrics.COLLECTED, name, "unavailable").inc()
            return unavailable(shared)
        self._counted(metrics.COLLECTED, name, outcome).inc()
        if refused:
            text = json.dumps({"refused": refused})
            return web.Response(status=400, text=text, content_type="application/json", headers=shared)
        return answer(204, headers=shared)

    async def _taken(self, name: str, request: web.BaseRequest) -> tuple[str, list[dict[str, object]]]:
        """Write what can be used of a request: how to count it, and what was refused. Raises `Refused`, `KafkaAway`."""
        if request.content_type not in _MEDIA:
            raise Refused("rejected", 415)
        self._within_rate(self._hosts, self._host(request))
        try:
            body = await read_body(request, MAX_BYTES)
        except NoBody as error:
            raise Refused("rejected", error.status) from None
        try:
            told, events = parse.opened(body)
        except Unusable as error:
            raise Refused("refused", 400, f"{error.reason}: {error.detail}") from None
        key = request.headers.get(KEY_HEADER) or told
        site = self._sites.by_key(key)
        if site is None or key is None:
            raise Refused("unauthorized", 401)
        if not may_speak(site, request.headers.get("Origin")):
            raise Refused("unauthorized", 403)
        self._within_rate(self._keys, key)
        return await self._written(name, site, events, self._teller(site, request))

    async def _written(
        self, name: str, site: Site, events: list[Raw], teller: Teller
    ) -> tuple[str, list[dict[str, object]]]:
        facts: list[Fact] = []
        outcomes: list[str] = []
        refused: list[dict[str, object]] = []
        for number, event in enumerate(events):
            try:
                told = list(_READERS[name](event, teller))
            except Unusable as error:
                outcomes.append(error.reason)
                refused.append({"event": number, "reason": error.reason, "detail": error.detail})
            else:
                facts += told
                outcomes.append(_outcome(told))
        await self._write([self._records.of_fact(fact) for fact in facts])
        for outcome in outcomes:
            self._counted(metrics.COLLECTED_EVENTS, site.id, name, outcome).inc()
        if not refused:
            return "accepted", refused
        return "partly" if len(refused) < len(events) else "refused", refused

    # -- a click -------------------------------------------------------------------------------------------------

    async def _click(self, request: web.BaseRequest) -> web.Response:
        """Send somebody on; nobody is stranded because we could not write it down."""
        sites, targets = request.query.getall("site", []), request.query.getall("to", [])
        site = self._sites.by_id(sites[0]) if len(sites) == 1 else None
        if site is None or len(targets) != 1 or not target.allowed(targets[0], site.redirect_hosts):
            self._counted(metrics.COLLECTED, "click", "refused").inc()
            return answer(404 if site is None else 400, "This link leads nowhere.")
        outcome = await self._noted(site, targets[0], request)
        self._counted(metrics.COLLECTED, "click", outcome).inc()
        headers = {"Location": targets[0], "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return answer(302, headers=headers)

    async def _noted(self, site: Site, to: str, request: web.BaseRequest) -> str:
        if self._hosts.take(self._host(request), time.monotonic()):
            return "limited"
        teller = self._teller(site, request)
        touch = parse.click(uuid4().hex, request.path_qs, to, request.headers.get("Referer"), teller)
        try:
            async with asyncio.timeout(CLICK_SECONDS):
                await self._write([self._records.of_fact(touch)])
        except (KafkaAway, TimeoutError):
            return "unwritten"
        self._counted(metrics.COLLECTED_EVENTS, site.id, "click", _outcome([touch])).inc()
        return "redirected"

    # -- both ----------------------------------------------------------------------------------------------------

    def _teller(self, site: Site, request: web.BaseRequest) -> Teller:
        def bot(user_agent: str | None) -> str | None:
            if user_agent is None:
                return bots.word(request.method, request.headers)
            return bots.word("POST", CIMultiDict({"User-Agent": user_agent}))

        return Teller(site, self._wall_ms(), bot, self._people.visitor, self._people.customer)

    def _host(self, request: web.BaseRequest) -> str:
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
        return visitor_host(request.remote, forwarded, self._proxies)

    @staticmethod
    def _within_rate(buckets: Buckets, name: str) -> None:
        if wait := buckets.take(name, time.monotonic()):
            raise Refused("limited", 429, retry_after=wait)


def _outcome(facts: list[Fact]) -> str:
    if not facts:
        return "without_consent"  # a login of somebody who may not be known
    return "bot" if isinstance(facts[0], Touch) and facts[0].bot else "accepted"


def _shared(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _snippet(request: web.BaseRequest) -> web.Response:
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": _TAG,
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("If-None-Match") == _TAG:
        return web.Response(status=304, headers=headers)
    return web.Response(body=SCRIPT, content_type="text/javascript", charset="utf-8", headers=headers)
