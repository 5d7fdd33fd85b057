"""What the world hands to the wire: one thing that happened, with the ledger's fact for it."""

from dataclasses import dataclass

from ingest.simulator.ledger import Fact
from ingest.simulator.population import Page
from ingest.simulator.posts import Comment, Post


@dataclass(slots=True)
class Happening:
    """`at` in epoch seconds. `fact` is None for what happens to a post itself; `number` is the ledger's of the fact.

    `actor` is who truly did it, `names_actor` whether webhooks say so. `object_id`: the comment or share.
    `is_second_thought`: it changes or takes back a reaction of the same second.
    """

    at: int
    item: str
    verb: str
    page: Page
    actor: str
    names_actor: bool
    post: Post | None = None
    comment: Comment | None = None
    object_id: str | None = None
    reaction: str | None = None
    message: str | None = None
    fact: Fact | None = None
    number: int = -1
    is_second_thought: bool = False

    @property
    def is_timed(self) -> bool:
        """Whether the wire tells when it happened."""
        return self.fact is not None and self.fact.exact

    @property
    def relation(self) -> tuple[str, str, str | None] | None:
        """What is added and removed: used to see whether a removal overtook its add."""
        if self.fact is None:
            return None
        by = self.fact.actor if self.fact.kind in ("reaction", "follow") else None
        return self.fact.kind, self.fact.subject, by
