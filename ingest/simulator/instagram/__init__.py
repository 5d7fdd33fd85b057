"""Instagram in the simulated world: accounts whose comments are pushed without times, and whose removals never are.

world, acts     media with counters that nobody's name is behind; what people do there
wire, malformed how it is pushed, in each of the envelopes that are in use
api             the API that is polled
"""

from ingest.simulator.graph.desk import VERSION
from ingest.simulator.instagram import acts, api, wire
from ingest.simulator.instagram.world import World
from ingest.simulator.posts import Post
from ingest.simulator.simulation import Cast, Standing
from ingest.simulator.social import show


def _comments_alone(media: Post) -> Standing:
    return media.id, None, media.comment_count(True) - media.base.comments, None


SHOW = show(
    Cast(
        platform="instagram",
        share=0.15,
        secrets="instagram_app_secrets",
        world=World,
        repertoire=acts.REPERTOIRE,
        dialect=wire.DIALECT,
        api=api.Api,
        standing=_comments_alone,
    ),
    {"instagram_graph_url": f"{{http}}{api.PREFIX}/{VERSION}"},
)
