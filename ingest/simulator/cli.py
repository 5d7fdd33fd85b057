"""`engagement simulate`: the platforms, their worlds and their faults in one process."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from ingest import platforms
from ingest.platforms import Setting
from ingest.settings import ClockSettings, texts_of, with_platforms
from ingest.simulator import configuration, shows
from ingest.simulator.faults import PLANS
from ingest.simulator.server import run_until
from ingest.simulator.shows import Setup, Show
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
    """The shows that `--sources` names, by their names or by that of a platform that they stand for.

    Raises `click.BadParameter` for what is none.
    """
    known = shows.load()
    stands_in = {platform: name for name, show in known.items() for platform in (*show.platforms, name)}
    names = list(known) if sources == "all" else sources.split(",")
    if strangers := sorted(set(names) - stands_in.keys()):
        raise click.BadParameter(f"no such source: {', '.join(strangers)}", param_hint="--sources")
    wanted = {stands_in[name] for name in names}
    return {name: show for name, show in known.items() if name in wanted}


def signing(staged: Iterable[Show]) -> dict[str, Setting]:
    """The settings, by name, of the secrets that these shows share with the pipeline."""
    used = [platforms.load()[name] for show in staged for name in show.platforms]
    given = [one.poll.secrets for one in used if one.poll and one.poll.secrets]
    given += [one.webhook.secrets for one in used if one.webhook]  # the last word: without these nothing is sent
    return {setting.name: setting for setting in given}


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
@click.option("--sources", default="all", show_default=True, help="all, or shows separated by commas.")
@click.option("--faults", type=click.Choice(list(PLANS)), default="none", show_default=True)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="Facts a second of wall time.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where the API is served.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: a free one.")
@click.option("--receiver", help="Base address of the receiver, to which deliveries are sent.")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Holds the pipeline's configuration, the accounts' token and the ledger's notes.",
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
    receiver: str | None,
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
    staged = chosen(sources).values()
    token = configuration.token_in(data_dir).read_text(encoding="utf-8").strip()
    setup = Setup(
        seed,
        faults,
        runs_on,
        scale_of(seconds, rate, days),
        receiver or "",
        token,
        {},
        data_dir if seconds else None,
    )
    path = configuration.write(data_dir, [show.configured(setup) for show in staged], seconds, days)
    click.echo(f"configuration: {path}\nclock: {runs_on if seconds else 'wall clock'}")
    if write_config_only:
        return
    if receiver is None:
        raise click.UsageError("--receiver says where deliveries go")
    logging.configure("simulate")
    shared = signing(staged)
    loaded = with_platforms(ClockSettings, shared.values()).load(clock=settings.clock)
    secrets = {name: tuple(texts_of(loaded, setting)) for name, setting in shared.items()}
    asyncio.run(_serve(replace(setup, secrets=secrets), staged, host, port))


async def _serve(setup: Setup, staged: Iterable[Show], host: str, port: int) -> None:
    await run_until(async_stop_event(), setup, staged, host, port)
