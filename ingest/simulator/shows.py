"""The platforms that can be simulated: each with its cast, its API, and a ledger of its own."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ingest.simulator.graph.server import VERSION, Graph
from ingest.simulator.instagram import acts, api, wire
from ingest.simulator.instagram.world import World as InstagramWorld
from ingest.simulator.posts import Post
from ingest.simulator.simulation import Cast, Standing
from ingest.simulator.world import Scale


class Show(NamedTuple):
    """`prefix`: what stands before the version in the API's addresses. `share`: of the facts of a run of all.

    `folder`: where its notes lie in the data directory. `is_whole`: whether something of every kind happens there.
    """

    cast: Cast
    api: type[Graph]
    prefix: str
    folder: str
    share: float
    is_whole: bool = False

    def base_path(self) -> str:
        """The API's address below the simulator's."""
        return f"{self.prefix}/{VERSION}"

    def scaled(self, scale: Scale) -> Scale:
        """The part of a world that is this platform's."""
        return replace(
            scale,
            facts_per_second=scale.facts_per_second * self.share,
            publish_every=scale.publish_every / self.share,
            old_posts=round(scale.old_posts * self.share),
        )


def _comments_alone(media: Post) -> Standing:
    return media.id, None, media.comment_count(True) - media.base.comments, None


INSTAGRAM = Cast(InstagramWorld, acts.REPERTOIRE, wire.DIALECT, _comments_alone)

SHOWS: dict[str, Show] = {
    "facebook": Show(Cast(), Graph, "", ".", 1.0, is_whole=True),
    "instagram": Show(INSTAGRAM, api.Api, api.PREFIX, "instagram", 0.15),
}


def notes_in(directory: Path, platform: str) -> Path:
    """Where a platform's notes lie."""
    return directory / SHOWS[platform].folder
