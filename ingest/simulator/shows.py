"""What can be simulated: each show is a folder beside this module with a constant `SHOW`, found by itself.

A show stands for one platform or for several. It says which accounts and sites the pipeline is to be configured for,
where its APIs lie, how one run of it is staged, and what must come out by its ledger. Nothing else names it.
"""

import importlib
import pkgutil
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from aiohttp import web

import ingest.simulator as folder
from contracts.config import Account, Site
from ingest.simulator.ledger import Seen, Tables
from ingest.simulator.world import Scale
from runtime.clock import Clock


class Phase(StrEnum):
    """`played`: the world is over, not everything is answered yet."""

    WAITING = "waiting"
    PLAYING = "playing"
    PLAYED = "played"
    FINISHING = "finishing"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run of all its shows is made of.

    `receiver`: base address of the pipeline's receiver. `token`: what the APIs ask their callers for. `secrets`: by
    setting, newest first: what deliveries are signed with. `notes_in`: None keeps no notes.
    """

    seed: int
    faults: str
    clock: Clock
    scale: Scale
    receiver: str
    token: str
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes_in: Path | None = None

    @property
    def begins_at(self) -> int:
        """Second at which the worlds begin; of an endless one, now."""
        return (self.clock.virtual_ms or self.clock.now_ms()) // 1000

    def notes_of(self, show: str) -> Path | None:
        """Where the show leaves its notes, and whatever else the harness is to find."""
        return None if self.notes_in is None else self.notes_in / show


class Run(Protocol):
    """One show while it is played."""

    @property
    def phase(self) -> Phase: ...

    def routes(self) -> Sequence[web.RouteDef]:
        """Its APIs; every path begins with something of its own."""

    async def run(self) -> None:
        """Play, send and flush the notes until cancelled."""

    async def finish(self) -> None:
        """Make no more facts, send everything that waits, and return when all is answered. From then on the APIs
        answer without faults."""

    def state(self) -> dict[str, Any]:
        """`facts`, `posts`, `changes_sent`, `waiting_changes`, `pending_deliveries`: numbers; `answers`, `faults`: how
        often; `minima`: fault -> how often it must at least have taken effect by now."""

    def dead_letters(self) -> Mapping[str, int]:
        """Reason -> how much of what was taken must have become dead letters."""


class Truth(Protocol):
    """What a show's notes say must come out."""

    def evaluate(
        self,
        *,
        now: int | None = None,
        identity_key: str | None = None,
        observed: Container[Seen] | None = None,
        polled: Container[tuple[str, str, str]] | None = None,
    ) -> Tables:
        """Every table that it knows, empty ones too. `now`: the greatest tick, epoch milliseconds; `identity_key` makes
        pseudonyms; `observed` and `polled`: what of the answers reached the log, None if all of it did."""


class Configured(NamedTuple):
    """What the pipeline's configuration must name. Accounts without a token of their own get the simulator's."""

    accounts: Sequence[Account] = ()
    sites: Sequence[Site] = ()


@dataclass(frozen=True, slots=True)
class Show:
    """`platforms`: folders of `ingest/platforms` that it stands for; their secrets are made, their tokens set.

    `addresses`: setting of the pipeline -> what it is while the simulator stands in for the platform, with `{http}` and
    `{ws}` for the simulator's own address, `{receiver}` for that of the pipeline's receiver. `stage` opens one run.
    `truth` reads the notes in a directory; None is a world in which nothing happened. `is_whole`: something happens in
    every table that its truth knows.
    """

    name: str
    platforms: tuple[str, ...]
    addresses: Mapping[str, str]
    configured: Callable[[Setup], Configured]
    stage: Callable[[Setup], AbstractContextManager[Run]]
    truth: Callable[[Path | None], Truth]
    is_whole: bool = False


@cache
def load() -> dict[str, Show]:
    """All shows by name. Called by commands, never at import."""
    modules = (
        importlib.import_module(f"{folder.__name__}.{found.name}")
        for found in pkgutil.iter_modules(folder.__path__)
        if found.ispkg
    )
    return {show.name: show for show in (getattr(module, "SHOW", None) for module in modules) if show is not None}
