"""What is answered to whom: the paths of the receiver, and a delivery's way from its bytes to its answer."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from contracts import metrics
from ingest.intake import Batch, Intake
from ingest.kafka import KafkaAway
from ingest.platforms import Delivery, Platform, Webhook
from ingest.webhooks.answers import answer, unavailable
from ingest.webhooks.body import NoBody, read_body
from ingest.writer import Write
from runtime.health import Health
from runtime.instruments import Instruments

DELIVERY_SECONDS = 8.0
"""How long Kafka may take to acknowledge a delivery; the platform gives up not much later, and retries either way."""
MOST_BYTES_HELD = 64 * 1024 * 1024
"""Bodies of deliveries that are being received or handled; beyond it the platform is asked to come again."""
INLINE_BYTES = 64 * 1024
"""A larger delivery is parsed in a thread, so that the others are not kept waiting for it."""
DENIAL_SECONDS = 60.0
"""Of one source no more than one denial in so much time is passed on."""
_PREFIX = "/webhooks/"


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs with a secret: the platforms whose deliveries these may be, and its place among the first one's."""

    platforms: tuple[Platform, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path under `/webhooks/`, and who may speak there. `webhook` is that of the first platform of the path."""

    name: str
    webhook: Webhook
    signers: Mapping[bytes, Signer]
    verify_tokens: tuple[str, ...]


class Receiver:
    """Handles requests. `show_metrics`: whether /metrics is answered here, for want of a port of its own. `heard` is
    told of every delivery that Kafka has."""

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        intake: Intake,
        write: Write,
        health: Health,
        instruments: Instruments,
        wall_ms: Callable[[], int],
        *,
        show_metrics: bool,
        heard: Callable[[Batch], None] = lambda _batch: None,
    ) -> None:
        self._endpoints = endpoints
        self._intake = intake
        self._write = write
        self._health = health
        self._instruments = instruments
        self._wall_ms = wall_ms
        self._show_metrics = show_metrics
        self._heard = heard
        self._held = 0
        self._denied_at: dict[bytes, float] = {}
        # Looking a series up by its labels costs more than counting.
        self._counted = cache(lambda metric, *labels: instruments.counter(metric).labels(*labels))
        self._took = cache(instruments.histogram(metrics.DELIVERY_DURATION).labels)

    def use(self, endpoints: Mapping[str, Endpoint], intake: Intake) -> None:
        """From the next delivery on, these secrets and accounts."""
        self._endpoints = endpoints
        self._intake = intake

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. Paths and methods that are not listed here do not exist."""
        path = request.path
        if path.startswith(_PREFIX):
            name, _, address = path.removeprefix(_PREFIX).partition("/")
            endpoint = self._endpoints.get(name)
            if endpoint is not None:
                if request.method == "POST":
                    return await self._deliver(endpoint, address, request)
                if request.method == "GET":
                    return await self._handshake(endpoint, request)
                return answer(405, headers={"Allow": "GET, POST"})
        elif path in ("/healthz", "/readyz", "/metrics"):
            return self._probe(path) if request.method == "GET" else answer(405, headers={"Allow": "GET"})
        return answer(404)

    def _probe(self, path: str) -> web.Response:
        if path == "/metrics":
            if not self._show_metrics:
                return answer(404)
            body = generate_latest(self._instruments.registry)
            return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
        report = self._health.report()
        is_well = report["alive"] if path == "/healthz" else report["ready"]
        return web.json_response(text=json.dumps(report), status=200 if is_well else 503)

    async def _handshake(self, endpoint: Endpoint, request: web.BaseRequest) -> web.Response:
        answer_handshake = endpoint.webhook.answer_handshake
        for token in endpoint.verify_tokens:
            if answer_handshake and (challenge := answer_handshake(request.query, token)) is not None:
                return answer(200, challenge)
        return answer(403) if await self._noted_denial(endpoint, request) else unavailable()

    async def _noted_denial(self, endpoint: Endpoint, request: web.BaseRequest) -> bool:
        """Maybe a platform has ended a subscription; nothing proves it, so of one source that is heard now and then."""
        platforms = {platform.name: platform for signer in endpoint.signers.values() for platform in signer.platforms}
        now = time.monotonic()
        found = [
            record
            for platform in platforms.values()
            for record in self._intake.denial(platform, request.query, self._wall_ms()).records
            if now - self._denied_at.get(record.key, -DENIAL_SECONDS) >= DENIAL_SECONDS
        ]
        if found:
            try:
                await self._write(found)
            except KafkaAway:
                return False
        self._denied_at.update((record.key, now) for record in found)
        return True

    async def _deliver(self, endpoint: Endpoint, address: str, request: web.BaseRequest) -> web.Response:
        started_at = time.perf_counter()
        outcome, response = await self._outcome(endpoint, address, request)
        self._counted(metrics.DELIVERIES, endpoint.name, outcome).inc()
        self._took(endpoint.name).observe(time.perf_counter() - started_at)
        return response

    async def _outcome(self, endpoint: Endpoint, address: str, request: web.BaseRequest) -> tuple[str, web.Response]:
        if self._held > MOST_BYTES_HELD:
            return "unavailable", unavailable()
        held = 0

        def took(size: int) -> None:
            nonlocal held
            held += size
            self._held += size
            if self._held > MOST_BYTES_HELD:
                raise NoBody(503)

        try:
            body = await read_body(request, endpoint.webhook.limits.max_bytes, took)
            signatures = request.headers.getall(endpoint.webhook.signature_header, [])
            return await self._accept(endpoint, Delivery(body, request.headers, signatures, self._wall_ms(), address))
        except NoBody as error:
            return "unavailable" if error.status == 503 else "rejected", answer(error.status, close=True)
        finally:
            self._held -= held

    async def _accept(self, endpoint: Endpoint, delivery: Delivery) -> tuple[str, web.Response]:
        """Verify, parse, write, and only then say yes."""
        webhook = endpoint.webhook
        secrets = tuple(endpoint.signers)
        signed_by = webhook.verify(delivery, secrets)
        if signed_by is None:
            return ("ping", answer(200)) if webhook.is_ping(delivery) else ("unauthorized", answer(401))
        signer = endpoint.signers[secrets[signed_by]]
        self._counted(metrics.SIGNATURES, endpoint.name, str(signer.position)).inc()
        if len(delivery.body) <= INLINE_BYTES:
            batch = self._parse(webhook, signer, delivery)
        else:
            batch = await asyncio.to_thread(self._parse, webhook, signer, delivery)
        try:
            await self._write(batch.records)
        except KafkaAway:
            return "unavailable", unavailable()
        batch.tally(self._instruments)
        self._heard(batch)
        self._health.progress()
        return "unreadable" if batch.is_unreadable else "accepted", answer(200)

    def _parse(self, webhook: Webhook, signer: Signer, delivery: Delivery) -> Batch:
        return self._intake.delivery(signer.platforms, webhook.envelop(delivery), "webhook", delivery.received_at)
