"""What happens in a world, in order of time: by chance, and by appointment."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.simulator import acts, occasions
from ingest.simulator.happenings import Happening
from ingest.simulator.posts import Post
from ingest.simulator.world import Act, World


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What people do on a platform: by appointment (`arrange`), by chance (`draw`), and when a post is published."""

    arrange: Callable[[World], None]
    draw: Callable[[World], Act]
    published: Callable[[Post], Iterator[Happening]]


def _nothing(_world: World) -> None:
    """Nobody has an appointment."""


def _unannounced(_post: Post) -> Iterator[Happening]:
    """Nothing tells that a post was published."""
    return iter(())


def by_chance(
    table: Sequence[tuple[float, Act]],
    published: Callable[[Post], Iterator[Happening]] = _unannounced,
    arrange: Callable[[World], None] = _nothing,
) -> Repertoire:
    """A repertoire of acts that happen as often as they weigh."""
    weights, chosen = [weight for weight, _ in table], [act for _, act in table]

    def draw(world: World) -> Act:
        return world.rng.choices(chosen, weights)[0]

    return Repertoire(arrange, draw, published)


PAGES = by_chance(acts.TABLE, acts.published, occasions.arrange)


class Story:
    """The state follows exactly as far as the story has been told."""

    def __init__(self, world: World, repertoire: Repertoire = PAGES) -> None:
        self._world = world
        self._repertoire = repertoire
        self._at = 0.0
        self._publish_at = 0.0
        repertoire.arrange(world)

    @property
    def is_over(self) -> bool:
        return self._next() >= self._world.scale.ends_after

    def until(self, now: int) -> Iterator[Happening]:
        """Everything up to that second that has not been told yet."""
        world = self._world
        while not self.is_over and world.begins_at + self._next() <= now:
            appointment = self._appointment()
            if appointment <= min(self._at, self._publish_at):
                yield from world.keep_appointment()
            elif self._publish_at <= self._at:
                second = world.begins_at + int(self._publish_at)
                self._publish_at += world.scale.publish_every
                yield from self._repertoire.published(world.publish(second))
            else:
                second = world.begins_at + int(self._at)
                self._at += world.rng.expovariate(world.scale.facts_per_second)
                yield from self._repertoire.draw(world)(world, second)

    def _appointment(self) -> float:
        """Seconds after the beginning."""
        at = self._world.next_appointment()
        return float("inf") if at is None else at - self._world.begins_at

    def _next(self) -> float:
        return min(self._at, self._publish_at, self._appointment())
