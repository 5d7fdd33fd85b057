"""`/_control/`: how the harness watches a run and ends it. From this machine only."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from ingest.simulator.shows import Phase, Run, Setup

_LOCAL = ("127.0.0.1", "::1")
_SUMS = ("facts", "posts", "changes_sent", "waiting_changes", "pending_deliveries")
_COUNTERS = ("answers", "faults", "minima")


def routes(setup: Setup, runs: Sequence[Run]) -> list[web.RouteDef]:
    async def state(_request: web.Request) -> web.Response:
        return web.json_response(_whole(setup, runs))

    async def finish(_request: web.Request) -> web.Response:
        for run in runs:
            await run.finish()
        return web.json_response(_whole(setup, runs))

    async def dead_letters(_request: web.Request) -> web.Response:
        return web.json_response(_summed(run.dead_letters() for run in runs))

    return [
        web.get("/_control/state", state),
        web.post("/_control/finish", finish),
        web.get("/_control/dead-letters", dead_letters),
    ]


def _whole(setup: Setup, runs: Sequence[Run]) -> dict[str, Any]:
    """One state of all: the phase of the one that is least far, sums of everything else."""
    states = [run.state() for run in runs]
    order = list(Phase)
    told: dict[str, Any] = {
        "phase": min((run.phase for run in runs), key=order.index).value,
        "seed": setup.seed,
        "faults_plan": setup.faults,
        "clock": str(setup.clock),
    }
    told |= {name: sum(state[name] for state in states) for name in _SUMS}
    return told | {name: _summed(state[name] for state in states) for name in _COUNTERS}


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))


@web.middleware
async def local_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    if request.path.startswith("/_control/") and request.remote not in _LOCAL:
        raise web.HTTPNotFound
    return await handler(request)
