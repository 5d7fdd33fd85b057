"""The simulator's process: one aiohttp server for API and control, the run beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from ingest.simulator import control
from ingest.simulator.graph.server import Access, Graph
from ingest.simulator.ledger import Notes
from ingest.simulator.simulation import Setup, Simulation
from runtime.logging import get_logger

log = get_logger()


class Running(NamedTuple):
    """`playing` ends only if the run is broken."""

    simulation: Simulation
    port: int
    playing: asyncio.Task[None]


@asynccontextmanager
async def serve(setup: Setup, token: str, notes_in: Path | None, host: str, port: int) -> AsyncIterator[Running]:
    """Serve and play while the block runs. Port 0 takes a free one; without `notes_in` no notes are kept."""
    with Notes(notes_in) as notes:
        simulation = Simulation(setup, notes, notes_in)
        access = Access(token, setup.app_secrets)
        world, plan, tally = simulation.world, simulation.plan, simulation.tally
        graph = Graph(world, notes, plan, tally, access, simulation.present)
        app = web.Application(middlewares=[control.local_only])
        app.add_routes([*control.routes(simulation), *graph.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        await web.TCPSite(runner, host, port).start()
        bound = int(runner.addresses[0][1])
        log.info("simulator_started", host=host, port=bound, seed=setup.seed, faults=setup.faults)
        playing = asyncio.create_task(simulation.run())
        try:
            yield Running(simulation, bound, playing)
        finally:
            playing.cancel()
            await asyncio.wait({playing})
            await runner.cleanup()


async def run_until(stop: asyncio.Event, setup: Setup, token: str, notes_in: Path | None, host: str, port: int) -> None:
    """Serve until `stop` is set; what breaks the run ends it with its error."""
    async with serve(setup, token, notes_in, host, port) as running:
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({stopped, running.playing}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if running.playing.done():
            await running.playing
