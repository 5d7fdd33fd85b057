"""What is posted of a market: parcels that know what the ledger must hear when they are taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ingest.simulator.market.orders import Note, Order, Step
from ingest.simulator.sender import Endpoint, Parcel
from ingest.simulator.shows import Setup


@dataclass(slots=True)
class Telling(Parcel):
    """`told`: what it says. `is_copy`: it says again what another one says."""

    told: list[Note] = field(default_factory=list)
    is_copy: bool = field(default=False, kw_only=True)


class Source(Protocol):
    """Something that posts, and at times what it should not."""

    def endpoint(self, setup: Setup) -> Endpoint: ...

    def spoiled(self, at: int) -> Telling:
        """One that cannot be used; its `reasons` say why, or what it `deserves`. Every one is unlike all others."""

    def forgery(self, at: int) -> Telling:
        """A believable one of somebody who may not post."""


class Dialect(Source, Protocol):
    """How a kind of shop tells of its orders."""

    def tellings(self, order: Order, step: Step) -> Iterator[Telling]:
        """What is posted when that has happened to an order."""

    def again(self, telling: Telling) -> Telling | None:
        """The same once more, if it comes over two subscriptions."""
