"""The receiver as a process: a port, its timeouts, and an end that lets deliveries under way finish."""

import asyncio
import gc
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from contracts import metrics
from contracts.config import Config
from contracts.topics import INPUTS
from ingest.intake import Intake
from ingest.platforms import Platform
from ingest.records import Records
from ingest.settings import WebhookSettings, texts_of
from ingest.webhooks.receiver import DELIVERY_SECONDS, Endpoint, Receiver, Signer
from ingest.writer import Writer
from runtime.clock import wall_ms
from runtime.health import Health, serve
from runtime.instruments import Instruments
from runtime.logging import get_logger
from runtime.seal import Sealer
from runtime.shutdown import async_stop_event

HEADER_SECONDS = 5.0
"""How long a connection may take for its headers, and may stay idle between requests."""
DRAIN_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
FEW_YOUNG = 20_000
"""Objects before the collector looks for cycles among them; a request makes next to none."""
LONGEST_LINE = 8190
MOST_HEADERS = 64

log = get_logger()


def endpoints(platforms: Iterable[Platform], settings: WebhookSettings) -> dict[str, Endpoint]:
    """The paths to answer on, by name; the first platform of a path says how its deliveries are checked.

    A secret speaks for the platforms that name it, and for no other of the same path.
    """
    found: dict[str, Endpoint] = {}
    for platform in platforms:
        webhook = platform.webhook
        if webhook is None:
            continue
        shared = found.get(webhook.endpoint) or Endpoint(webhook.endpoint, webhook, {}, ())
        signers = dict(shared.signers)
        for position, text in enumerate(texts_of(settings, webhook.secrets)):
            known = signers.get(text.encode(), Signer((), position))
            signers[text.encode()] = replace(known, platforms=(*known.platforms, platform))
        tokens = texts_of(settings, webhook.verify_token) if webhook.verify_token else []
        found[webhook.endpoint] = replace(
            shared, signers=signers, verify_tokens=tuple(dict.fromkeys((*shared.verify_tokens, *tokens)))
        )
    return found


async def run(settings: WebhookSettings, config: Config, platforms: Mapping[str, Platform]) -> None:
    """Receive until a signal; then take nothing new, finish what is under way, and end."""
    stop = async_stop_event()
    instruments = Instruments()
    health = Health("kafka")
    records = Records(config.partitions)
    sealer = Sealer.of(settings.seal_key)
    intake = Intake(config, platforms, settings.identity_key.get_secret_value(), sealer, records)
    writer = Writer(
        settings.kafka_bootstrap_servers,
        "engagement-webhooks",
        records.counts(INPUTS),
        delivery_seconds=DELIVERY_SECONDS,
        on_state=lambda is_up: health.ready("kafka", is_up),
    )
    receiver = Receiver(
        endpoints(platforms.values(), settings),
        intake,
        writer,
        health,
        instruments,
        wall_ms,
        show_metrics=settings.metrics_port == 0,
    )
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    server = web.Server(
        receiver.handle,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=HEADER_SECONDS,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        max_headers=MOST_HEADERS,
    )
    runner = web.ServerRunner(server, shutdown_timeout=DRAIN_SECONDS)
    with serve(health, instruments.registry, settings):
        async with writer:
            await runner.setup()
            await web.TCPSite(runner, settings.webhooks_host, settings.webhooks_port, backlog=512).start()
            gc.freeze()  # what stands now stands until the end
            gc.set_threshold(FEW_YOUNG)
            log.info("receiver_started", addresses=[f"{host}:{port}" for host, port, *_ in runner.addresses])
            while not stop.is_set():
                health.progress()
                instruments.gauge(metrics.LAST_PROGRESS).labels("webhooks").set_to_current_time()
                try:
                    await asyncio.wait_for(stop.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    continue
            await runner.cleanup()
    log.info("receiver_stopped")


def _is_ours(record: logging.LogRecord) -> bool:
    """Malformed requests are answered with 400; what strangers send is no news, and no text for our log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
