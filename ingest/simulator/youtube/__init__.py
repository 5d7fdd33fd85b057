"""YouTube in the simulated world: channels whose comments only a reader of listings comes to know.

world, acts     videos with counters that nobody's name is behind; what people do there
api, nodes      the Data API: units, refusals, partial listings; what an answer tells
hub             subscriptions and their leases, and who is posted to
wire, malformed what is posted: that a video is new, renamed or gone
"""

from ingest.simulator.posts import Post
from ingest.simulator.simulation import Cast, Standing
from ingest.simulator.social import show
from ingest.simulator.youtube import acts, api, hub, wire
from ingest.simulator.youtube.world import World


def _comments_alone(video: Post) -> Standing:
    return video.id, None, video.comment_count(True) - video.base.comments, None


SHOW = show(
    Cast(
        platform="youtube",
        share=0.1,
        secrets="youtube_hub_secrets",
        world=World,
        repertoire=acts.REPERTOIRE,
        dialect=wire.DIALECT,
        courier=hub.Hub,
        api=api.Api,
        standing=_comments_alone,
    ),
    {
        "youtube_api_url": f"{{http}}{api.PREFIX}",
        "youtube_hub_url": f"{{http}}{hub.PATH}",
        "youtube_callback_url": "{receiver}/webhooks/youtube",
    },
)
