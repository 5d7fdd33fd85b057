"""`engagement simulate`: the platform, its world and its faults in one process."""

import asyncio
from pathlib import Path

import click
from pydantic import Field

from ingest.settings import ClockSettings
from ingest.simulator import configuration
from ingest.simulator.faults import PLANS
from ingest.simulator.server import run_until
from ingest.simulator.simulation import Setup
from ingest.simulator.timeline import DAYS, span_seconds, virtual_clock
from ingest.simulator.world import Scale, World
from runtime import logging
from runtime.clock import Clock, wall_ms
from runtime.settings import Secrets
from runtime.shutdown import async_stop_event

PLAYED_RATE = 640.0
ENDLESS_RATE = 20.0
NEW_POSTS = 1_500
ENDLESS_PUBLISH_SECONDS = 120.0


class SimulateSettings(ClockSettings):
    meta_app_secrets: Secrets = Field(min_length=1)
    """Deliveries are signed with the newest, now and then with an older one."""


def scale_of(seconds: float, rate: float | None, days: float = DAYS) -> Scale:
    """A world of so many days for a run of `seconds` at `rate` facts a second of wall time; 0 seconds is endless."""
    if not seconds:
        return Scale(rate or ENDLESS_RATE, ENDLESS_PUBLISH_SECONDS)
    span = span_seconds(days)
    return Scale((rate or PLAYED_RATE) * seconds / span, span / NEW_POSTS, span)


@click.command("simulate")
@click.option("--seed", type=int, default=7, show_default=True, help="What the world is drawn from.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Wall time in which the world's days are played; 0 goes on for ever in real time.",
)
@click.option("--days", type=click.FloatRange(min=1), default=DAYS, show_default=True, help="How long the world lasts.")
@click.option("--faults", type=click.Choice(list(PLANS)), default="none", show_default=True)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Facts a second of wall time.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API is served.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--webhook-url", help="Where deliveries are sent.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Holds the pipeline's configuration, the pages' token and the ledger's notes.",
)
@click.option("--clock", help="<virtual_ms>@<wall_ms>x<speed>; also ENGAGEMENT_CLOCK. Default: begins now.")
@click.option("--write-config-only", is_flag=True, help="Write the configuration and exit.")
def simulate(
    seed: int,
    seconds: float,
    days: float,
    faults: str,
    rate: float | None,
    host: str,
    port: int,
    webhook_url: str | None,
    data_dir: Path,
    clock: str | None,
    write_config_only: bool,
) -> None:
    """Serve the Graph API of a seeded world and push its webhooks, with faults.

    Each run begins a new ledger in the data directory; an endless one keeps none. The clock must be the one that
    the pipeline runs on.
    """
    settings = ClockSettings.load(**({} if clock is None else {"clock": clock}))
    runs_on = Clock.parse(settings.clock)
    if seconds and not settings.clock:
        runs_on = virtual_clock(wall_ms(), seconds, days)
    scale = scale_of(seconds, rate, days)
    world = World(seed, (runs_on.virtual_ms or runs_on.now_ms()) // 1000, scale)
    path = configuration.write(data_dir, world.pages, seconds)
    click.echo(f"configuration: {path}\nclock: {runs_on if seconds else 'wall clock'}")
    if write_config_only:
        return
    if webhook_url is None:
        raise click.UsageError("--webhook-url says where deliveries go")
    logging.configure("simulate")
    secrets = SimulateSettings.load(clock=settings.clock).meta_app_secrets
    app_secrets = tuple(secret.get_secret_value() for secret in secrets)
    setup = Setup(seed, faults, runs_on, scale, webhook_url, app_secrets)
    notes_in = data_dir if seconds else None
    asyncio.run(_serve(setup, configuration.read_token(data_dir), notes_in, host, port))


async def _serve(setup: Setup, token: str, notes_in: Path | None, host: str, port: int) -> None:
    await run_until(async_stop_event(), setup, token, notes_in, host, port)
