"""The simulator's process: one aiohttp server for the APIs and control, the runs beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from ingest.simulator import control
from ingest.simulator.graph.server import Access
from ingest.simulator.ledger import Notes
from ingest.simulator.shows import SHOWS, notes_in
from ingest.simulator.simulation import Setup, Simulation
from runtime.logging import get_logger

log = get_logger()


class Running(NamedTuple):
    """`simulations`: one a platform, in the order of their setups. `playing` ends only if a run is broken."""

    simulations: tuple[Simulation, ...]
    port: int
    playing: asyncio.Task[None]

    @property
    def simulation(self) -> Simulation:
        """The first of them."""
        return self.simulations[0]


@asynccontextmanager
async def serve(
    setup: Setup, token: str, directory: Path | None, host: str, port: int, *others: Setup
) -> AsyncIterator[Running]:
    """Serve and play while the block runs. Port 0 takes a free one; without `directory` no notes are kept.

    `others`: the same run on further platforms.
    """
    app = web.Application(middlewares=[control.local_only])
    with ExitStack() as open_notes:
        simulations = []
        for one in (setup, *others):
            show = SHOWS[one.platform]
            kept_in = None if directory is None else notes_in(directory, one.platform)
            notes = open_notes.enter_context(Notes(kept_in, one.platform))
            simulation = Simulation(one, notes, kept_in, show.cast)
            access = Access(token, one.app_secrets)
            world, plan, tally = simulation.world, simulation.plan, simulation.tally
            app.add_routes(show.api(world, notes, plan, tally, access, simulation.present).routes())
            simulations.append(simulation)
        app.add_routes(control.routes(simulations))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        bound = int(runner.addresses[0][1])
        platforms = [one.platform for one in (setup, *others)]
        log.info("simulator_started", host=host, port=bound, seed=setup.seed, faults=setup.faults, platforms=platforms)
        playing = asyncio.create_task(_play(simulations))
        try:
            yield Running(tuple(simulations), bound, playing)
        finally:
            playing.cancel()
            await asyncio.wait({playing})
            await runner.cleanup()


async def _play(simulations: list[Simulation]) -> None:
    async with asyncio.TaskGroup() as group:
        for simulation in simulations:
            group.create_task(simulation.run())


async def run_until(
    stop: asyncio.Event, setup: Setup, token: str, directory: Path | None, host: str, port: int, *others: Setup
) -> None:
    """Serve until `stop` is set; what breaks the run ends it with its error."""
    async with serve(setup, token, directory, host, port, *others) as running:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, running.playing}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if running.playing.done():
            await running.playing
