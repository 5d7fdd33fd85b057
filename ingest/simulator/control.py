"""`/_control/`: how the harness watches a run and ends it. From this machine only."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from ingest.simulator.simulation import Phase, Simulation

_LOCAL = ("127.0.0.1", "::1")


_SUMS = ("facts", "posts", "changes_sent", "waiting_changes", "pending_deliveries")


def routes(simulations: Sequence[Simulation]) -> list[web.RouteDef]:
    async def state(_request: web.Request) -> web.Response:
        return web.json_response(_whole(simulations))

    async def finish(_request: web.Request) -> web.Response:
        for simulation in simulations:
            await simulation.finish()
        return web.json_response(_whole(simulations))

    async def dead_letters(_request: web.Request) -> web.Response:
        expected: Counter[str] = Counter()
        for simulation in simulations:
            expected.update(simulation.sender.dead_letters)
        return web.json_response(dict(expected))

    return [
        web.get("/_control/state", state),
        web.post("/_control/finish", finish),
        web.get("/_control/dead-letters", dead_letters),
    ]


def _whole(simulations: Sequence[Simulation]) -> dict[str, Any]:
    """One state of all: the phase of the one that is least far, sums of the rest; minima are the first one's."""
    states = [simulation.state() for simulation in simulations]
    order = [phase.value for phase in Phase]
    told = states[0] | {name: sum(state[name] for state in states) for name in _SUMS}
    told["phase"] = min((state["phase"] for state in states), key=order.index)
    for name in ("answers", "faults"):
        total: Counter[str] = Counter()
        for state in states:
            total.update(state[name])
        told[name] = dict(sorted(total.items()))
    return told


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.path.startswith("/_control/") and request.remote not in _LOCAL:
        raise web.HTTPNotFound
    return await handler(request)
