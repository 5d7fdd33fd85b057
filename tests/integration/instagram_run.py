"""Ingest against a simulated Instagram, without Kafka, and what is never pushed there."""

from collections.abc import Iterator
from pathlib import Path

from ingest.simulator.happenings import Happening
from ingest.simulator.instagram import acts
from ingest.simulator.posts import Remark
from ingest.simulator.simulation import Simulation
from ingest.simulator.world import World
from runtime.clock import Clock
from tests.integration.social_run import SocialRun


class InstagramRun(SocialRun):
    """After the world something befalls one comment: hidden, shown again, removed, and seen each time."""

    def __init__(self, directory: Path) -> None:
        super().__init__("instagram", directory)

    async def _end(self, simulation: Simulation, clock: Clock) -> None:
        await self._read_everything(clock)
        for happening in befalls(simulation.world):
            simulation.tell(happening)
            for _ in range(2):
                await self._read_everything(clock)
        await simulation.finish()
        await self._read_everything(clock)


def befalls(world: World) -> Iterator[Happening]:
    """One after the other, what is never pushed."""
    remarks = [one for one in world.comments.values() if isinstance(one, Remark) and not one.replies]
    remark = next(one for one in remarks if not (one.is_removed or one.is_hidden))
    yield acts.turned(remark.created_at + 1, remark)
    yield acts.turned(remark.created_at + 2, remark)
    yield from acts.removed(remark.created_at + 3, remark)
