"""`/_control/`: how the harness watches a run and ends it. From this machine only."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from ingest.simulator.simulation import Simulation

_LOCAL = ("127.0.0.1", "::1")


def routes(simulation: Simulation) -> list[web.RouteDef]:
    async def state(_request: web.Request) -> web.Response:
        return web.json_response(simulation.state())

    async def finish(_request: web.Request) -> web.Response:
        await simulation.finish()
        return web.json_response(simulation.state())

    async def dead_letters(_request: web.Request) -> web.Response:
        return web.json_response(dict(simulation.sender.dead_letters))

    return [
        web.get("/_control/state", state),
        web.post("/_control/finish", finish),
        web.get("/_control/dead-letters", dead_letters),
    ]


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.path.startswith("/_control/") and request.remote not in _LOCAL:
        raise web.HTTPNotFound
    return await handler(request)
