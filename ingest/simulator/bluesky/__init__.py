"""Bluesky in the simulated world: everything that people do is told, and told again along a stream that is resumed.

world, acts     posts, and the records that people make and delete
wire, malformed how Jetstream tells of a record, and of what it should not
jetstream       the stream: positions, replays, a look-back, connections that break
api             the API that is polled
"""

from dataclasses import replace

from ingest.simulator.bluesky import acts, api, jetstream, wire
from ingest.simulator.bluesky.world import World
from ingest.simulator.faults import Plan
from ingest.simulator.simulation import Cast
from ingest.simulator.social import show


def _in_order(plan: Plan) -> Plan:
    """Nothing is lost on a stream, and what one person does keeps its order: it breaks, and comes again from before."""
    return replace(plan, drop=0.0, duplicate=0.0, hold=0.0, delay=0.0, shuffle=False, resend=0.0, forged_every=0)


SHOW = show(
    Cast(
        platform="bluesky",
        share=0.2,
        world=World,
        repertoire=acts.REPERTOIRE,
        dialect=wire.DIALECT,
        courier=jetstream.Jetstream,
        api=api.Api,
        plan=_in_order,
    ),
    {
        "bluesky_api_url": f"{{http}}{api.PREFIX}",
        "bluesky_stream_hosts": ",".join(f"{{ws}}{prefix}" for prefix in jetstream.HOSTS),
    },
)
