"""The receiver as a process: a port, its timeouts, and an end that lets what is under way finish."""

import asyncio
import gc
import logging
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from contracts import metrics
from contracts.topics import HEALTH, INPUTS
from ingest.collector import collector
from ingest.collector.collector import Collector, People, Rates
from ingest.collector.sites import Sites
from ingest.identity import CUSTOMER, VISITOR, pseudonymiser
from ingest.intake import Intake
from ingest.records import Records
from ingest.webhooks.pulse import Pulse
from ingest.webhooks.receiver import DELIVERY_SECONDS, Receiver
from ingest.webhooks.setup import Setup, Watch
from ingest.writer import Write, Writer
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
"""Objects before Python's collector looks for cycles among them; a request makes next to none."""
LONGEST_LINE = 8190
MOST_HEADERS = 64

log = get_logger()


async def run(setup: Setup) -> None:
    """Receive until a signal; then take nothing new, finish what is under way, and end."""
    stop = async_stop_event()
    instruments = Instruments()
    health = Health("kafka")
    settings = setup.settings
    writer = Writer(
        settings.kafka_bootstrap_servers,
        "engagement-webhooks",
        Records(setup.config.partitions).counts((*INPUTS, HEALTH)),
        delivery_seconds=DELIVERY_SECONDS,
        on_state=lambda is_up: health.ready("kafka", is_up),
    )
    pulse = Pulse(setup, writer.write, lambda: bool(health.report()["ready"]))
    receiver = Receiver(
        setup.endpoints,
        _intake(setup),
        writer.write,
        health,
        instruments,
        wall_ms,
        show_metrics=settings.metrics_port == 0,
        heard=pulse.heard,
    )
    sites = _collector(setup, writer.write, instruments)
    logging.getLogger("aiohttp.server").addFilter(_is_ours)
    runner = web.ServerRunner(_server(receiver, sites), shutdown_timeout=DRAIN_SECONDS)
    with serve(health, instruments.registry, settings):
        async with writer:
            await runner.setup()
            await web.TCPSite(runner, settings.webhooks_host, settings.webhooks_port, backlog=512).start()
            gc.freeze()  # what stands now stands until the end
            gc.set_threshold(FEW_YOUNG)
            log.info("receiver_started", addresses=[f"{host}:{port}" for host, port, *_ in runner.addresses])

            def beat() -> None:
                health.progress()
                instruments.gauge(metrics.LAST_PROGRESS).labels("webhooks").set_to_current_time()
                if (changed := watch.changed()) is not None:
                    pulse.follow(changed)
                    receiver.use(changed.endpoints, _intake(changed))
                    sites.use(Sites(changed.config.sites), _people(changed))

            watch = Watch(setup)
            telling = asyncio.create_task(pulse.run())
            await _until(stop, beat)
            telling.cancel()
            await runner.cleanup()
    log.info("receiver_stopped")


async def _until(stop: asyncio.Event, beat: Callable[[], None]) -> None:
    while not stop.is_set():
        beat()
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await stop.wait()
        except TimeoutError:
            continue


def _intake(setup: Setup) -> Intake:
    key, key_next = setup.settings.identity_keys
    sealer, records = Sealer.of(setup.settings.seal_key), Records(setup.config.partitions)
    return Intake(setup.config, setup.platforms, key, sealer, records, key_next)


def _collector(setup: Setup, write: Write, instruments: Instruments) -> Collector:
    settings, config = setup.settings, setup.config
    rates = Rates(settings.collect_rate_per_host, settings.collect_rate_per_key, settings.trusted_proxies)
    return Collector(
        Sites(config.sites), _people(setup), rates, Records(config.partitions), write, instruments, wall_ms
    )


def _people(setup: Setup) -> People:
    key, key_next = setup.settings.identity_keys
    visitor, customer = (
        pseudonymiser(key, kind, key_next) if setup.config.privacy.pseudonymise else str for kind in (VISITOR, CUSTOMER)
    )
    return People(visitor, customer)


def _server(receiver: Receiver, sites: Collector) -> web.Server:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.startswith(collector.PREFIX):
            return await sites.handle(request)
        return await receiver.handle(request)

    return web.Server(
        handle,
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=HEADER_SECONDS,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        max_headers=MOST_HEADERS,
    )


def _is_ours(record: logging.LogRecord) -> bool:
    """Malformed requests are answered with 400; what strangers send is no news, and no text for our log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))
