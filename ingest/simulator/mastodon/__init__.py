"""Mastodon in the simulated world: an account that is notified of what is done, and never of what is taken back.

world, acts     statuses, people of several servers, and the notifications of what they do
stream          server-sent events to whoever listens, until the connection breaks
wire            a notification as an event, and what should not be sent
api, nodes      the REST API: Link paging, limits in headers, threads; what an answer tells
"""

from ingest.simulator.mastodon import acts, api, stream, wire
from ingest.simulator.mastodon.world import World
from ingest.simulator.simulation import Cast
from ingest.simulator.social import show

SHOW = show(
    Cast(
        platform="mastodon",
        share=0.06,
        world=World,
        repertoire=acts.REPERTOIRE,
        dialect=wire.DIALECT,
        courier=stream.Stream,
        api=api.Api,
    ),
    {"mastodon_url": f"{{http}}{stream.PREFIX}", "mastodon_streaming_url": f"{{http}}{stream.PREFIX}"},
)
