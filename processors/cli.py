"""`engagement process` and `engagement rebuild`."""

import asyncio
import gc
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import click
import faust

from contracts import config as configuration
from processors.app import PROCESSORS, create_app
from processors.engine.checkpoint import Refused
from processors.engine.meters import Meters
from processors.engine.rebuild import raise_generation
from processors.engine.state import Processor
from processors.engine.worker import PARTITIONS_READY, Pace, Worker
from processors.settings import ProcessorSettings, RebuildSettings
from runtime.cli import EXIT_FAILED
from runtime.health import Health, serve
from runtime.instruments import Instruments
from runtime.logging import configure
from runtime.seal import Sealer
from runtime.settings import SettingsError


@click.group()
def process() -> None:
    """Fold events into aggregates."""


@process.command()
def organic() -> None:
    """Run one worker of the processor `organic`: engagement, by account. Workers of a group share its partitions."""
    _run("organic")


@process.command()
def paid() -> None:
    """Run one worker of the processor `paid`: ads, touches and orders, by brand."""
    _run("paid")


def _run(name: str) -> None:
    settings = ProcessorSettings.load()
    run_worker(PROCESSORS[name](_configured(settings.config)), settings)


@click.command()
@click.argument("processor", type=click.Choice(sorted(PROCESSORS)))
@click.option("--accept-loss", is_flag=True, help="Recompute although the oldest source records are gone.")
def rebuild(processor: str, accept_loss: bool) -> None:
    """Recompute a processor's tables from the beginning of its topics, as a new generation.

    Running workers are fenced: they exit at their next flush, and recompute once they are started again.
    """
    configure("rebuild")
    settings = RebuildSettings.load()
    chosen = PROCESSORS[processor](_configured(settings.config))
    try:
        raised = asyncio.run(raise_generation(chosen, settings.kafka_bootstrap_servers, accept_loss))
    except Refused as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_FAILED)
    for partition, generation in sorted(raised.items()):
        click.echo(f"partition {partition}: generation {generation}")


def run_worker(
    processor: Processor, settings: ProcessorSettings, meters: Callable[[str, Instruments], Meters] = Meters
) -> None:
    """Run one worker until it is stopped; it does not return. `meters` makes what is told of its flushes."""
    service = f"processor-{processor.name}"
    configure(service)
    for noisy in ("faust", "mode", "aiokafka", "kafka"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    gc.disable()  # until the partitions are recovered
    instruments = Instruments()
    health = Health(PARTITIONS_READY)
    worker = Worker(
        processor,
        settings.kafka_bootstrap_servers,
        Pace(settings.processor_flush_seconds, settings.processor_flush_records),
        Sealer.of(settings.seal_key),
        health,
        meters(processor.name, instruments),
    )
    # Built here and not by Faust's command line, which would open a web server whatever the settings say.
    with serve(health, instruments.registry, settings):
        runner = faust.Worker(create_app(worker, settings), override_logging=False, redirect_stdouts=False, quiet=True)
        runner.spinner = None
        runner.execute_from_commandline()


def _configured(path: Path | None) -> configuration.Config:
    if path is None:
        return configuration.Config()
    try:
        return configuration.parse(path.read_text(encoding="utf-8"))
    except (OSError, configuration.InvalidConfig) as error:
        raise SettingsError(f"ENGAGEMENT_CONFIG: {error}") from None
