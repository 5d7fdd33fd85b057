"""The simulator's process: one aiohttp server for the APIs and control, the runs beside it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import ExitStack, asynccontextmanager
from typing import NamedTuple

from aiohttp import web

from ingest.simulator import control
from ingest.simulator.shows import Run, Setup, Show
from runtime.logging import get_logger

log = get_logger()


class Running(NamedTuple):
    """`runs`: one a show, in their order. `playing` ends only if a run is broken."""

    runs: tuple[Run, ...]
    port: int
    playing: asyncio.Task[None]


@asynccontextmanager
async def serve(setup: Setup, shows: Iterable[Show], host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Running]:
    """Serve and play while the block runs. Port 0 takes a free one."""
    app = web.Application(middlewares=[control.local_only], client_max_size=2**22)
    staged = list(shows)
    with ExitStack() as stages:
        runs = tuple(stages.enter_context(show.stage(setup)) for show in staged)
        for run in runs:
            app.add_routes(run.routes())
        app.add_routes(control.routes(setup, runs))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        bound = int(runner.addresses[0][1])
        names = [show.name for show in staged]
        log.info("simulator_started", host=host, port=bound, seed=setup.seed, faults=setup.faults, shows=names)
        playing = asyncio.create_task(_play(runs))
        try:
            yield Running(runs, bound, playing)
        finally:
            playing.cancel()
            await asyncio.wait({playing})
            await runner.cleanup()


async def _play(runs: Iterable[Run]) -> None:
    async with asyncio.TaskGroup() as group:
        for run in runs:
            group.create_task(run.run())


async def run_until(stop: asyncio.Event, setup: Setup, shows: Iterable[Show], host: str, port: int) -> None:
    """Serve until `stop` is set; what breaks the run ends it with its error."""
    async with serve(setup, shows, host, port) as running:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, running.playing}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if running.playing.done():
            await running.playing
