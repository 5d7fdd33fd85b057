"""`engagement simulate`: the platform, its world and its faults in one process."""

import asyncio
from pathlib import Path

import click

from ingest import platforms
from ingest.settings import ClockSettings, texts_of, with_platforms
from ingest.simulator import configuration
from ingest.simulator.faults import PLANS
from ingest.simulator.server import run_until
from ingest.simulator.shows import SHOWS, Show
from ingest.simulator.simulation import Setup
from ingest.simulator.timeline import DAYS, span_seconds, virtual_clock
from ingest.simulator.world import Scale
from runtime import logging
from runtime.clock import Clock, wall_ms
from runtime.shutdown import async_stop_event

PLAYED_RATE = 640.0
ENDLESS_RATE = 20.0
NEW_POSTS = 1_500
ENDLESS_PUBLISH_SECONDS = 120.0


def scale_of(seconds: float, rate: float | None, days: float = DAYS) -> Scale:
    """A world of so many days for a run of `seconds` at `rate` facts a second of wall time; 0 seconds is endless."""
    if not seconds:
        return Scale(rate or ENDLESS_RATE, ENDLESS_PUBLISH_SECONDS)
    span = span_seconds(days)
    return Scale((rate or PLAYED_RATE) * seconds / span, span / NEW_POSTS, span)


def chosen(sources: str) -> dict[str, Show]:
    """The shows that `--sources` names; raises `click.BadParameter` for what is none."""
    names = list(SHOWS) if sources == "all" else sources.split(",")
    if strangers := sorted(set(names) - SHOWS.keys()):
        raise click.BadParameter(f"no such source: {', '.join(strangers)}", param_hint="--sources")
    return {name: show for name, show in SHOWS.items() if name in names}


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
@click.option("--sources", default="all", show_default=True, help="all, or platforms separated by commas.")
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
    sources: str,
    faults: str,
    rate: float | None,
    host: str,
    port: int,
    webhook_url: str | None,
    data_dir: Path,
    clock: str | None,
    write_config_only: bool,
) -> None:
    """Serve the APIs of a seeded world and push its webhooks, with faults.

    Each run begins a new ledger in the data directory; an endless one keeps none. The clock must be the one that
    the pipeline runs on.
    """
    settings = ClockSettings.load(**({} if clock is None else {"clock": clock}))
    runs_on = Clock.parse(settings.clock)
    if seconds and not settings.clock:
        runs_on = virtual_clock(wall_ms(), seconds, days)
    scale = scale_of(seconds, rate, days)
    shows = chosen(sources)
    begins_at = (runs_on.virtual_ms or runs_on.now_ms()) // 1000
    worlds = {name: show.cast.world(seed, begins_at, show.scaled(scale)) for name, show in shows.items()}
    path = configuration.write(data_dir, {name: world.pages for name, world in worlds.items()}, seconds, days)
    click.echo(f"configuration: {path}\nclock: {runs_on if seconds else 'wall clock'}")
    if write_config_only:
        return
    if webhook_url is None:
        raise click.UsageError("--webhook-url says where deliveries go")
    logging.configure("simulate")
    signing = {name: hook.secrets for name in shows if (hook := platforms.load()[name].webhook)}
    loaded = with_platforms(ClockSettings, signing.values()).load(clock=settings.clock)
    setups = [
        Setup(seed, faults, runs_on, show.scaled(scale), webhook_url, tuple(texts_of(loaded, signing[name])), name)
        for name, show in shows.items()
    ]
    notes_in = data_dir if seconds else None
    asyncio.run(_serve(setups, configuration.read_token(data_dir), notes_in, host, port))


async def _serve(setups: list[Setup], token: str, directory: Path | None, host: str, port: int) -> None:
    await run_until(async_stop_event(), setups[0], token, directory, host, port, *setups[1:])
