"""One account of one server, its statuses, and people of this server and of others."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.simulator import authorship, world
from ingest.simulator.happenings import Happening
from ingest.simulator.population import CURRENCIES, ZONES, Page
from ingest.simulator.posts import Base, Post

HERE = "here.example"
ACCOUNT = "109000000000000007"
FORMATS = ("text", "media", "poll")
FORMAT_WEIGHTS = (60, 35, 5)


@dataclass(slots=True)
class Status(Post):
    """`quotes`: how many of its shares say something about it."""

    quotes: int = 0

    @property
    def permalink(self) -> str:
        return f"https://{HERE}/@brand/{self.id}"


@dataclass(slots=True)
class Notice:
    """A notification. `status`: what it is about, if anything; `number`: the ledger's of what it tells, -1: nothing.
    When that is taken back it vanishes, or is emptied of its status."""

    id: str
    kind: str
    at: int
    person: str
    status: str | None = None
    number: int = -1
    is_vanished: bool = False
    is_emptied: bool = False


@dataclass(slots=True)
class Noticed(Happening):
    """Something of which the account is notified. `world`: what the notification shows is in there."""

    notice: Notice | None = None
    world: "World | None" = None


class World(world.World):
    """The same laws; a person is an address, and everything that befalls the account is listed for it."""

    def __init__(self, seed: int, begins_at: int, scale: world.Scale) -> None:
        self.notices: list[Notice] = []
        self.elsewhere: dict[str, Elsewhere] = {}
        super().__init__(seed, begins_at, scale)

    def _population(self) -> list[Page]:
        followers = self.rng.randrange(500, 20_000)
        return [
            Page(ACCOUNT, "Alder Outdoor", "alder", ZONES[1], CURRENCIES[0], self.begins_at, 1.0, followers),
        ]

    def _old_posts(self) -> Iterator[tuple[int, Page]]:
        for _ in range(self.scale.old_posts):
            at = self.begins_at - self.rng.randrange(world.YOUNGEST_OLD_POST, world.OLDEST_OLD_POST)
            yield at, self.draw_page()

    def _composed(self, at: int, page: Page) -> Status:
        number = self.next_id()
        base = authorship.history(self.rng, page) if at < self.begins_at else Base()
        return Status(
            id=number,
            page=page,
            created_at=at,
            format=self.rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            wordings=[authorship.wording(self.rng, at, int(number) % 10_000)],
            base=Base(likes={"like": sum(base.likes.values())}, shares=base.shares),
        )

    def draw_actor(self, page: Page) -> str:
        """The account itself now and then, else somebody of one of the servers."""
        return page.id if self.rng.random() < 0.03 else self.somebody()

    def somebody(self) -> str:
        """An address, a third of them of this server."""
        person = int(self.people.draw(self.rng)) - 10**17
        server = (HERE, "remote.example", "far.example")[person % 3]
        return f"p{person}@{server}"


@dataclass(slots=True)
class Elsewhere:
    """A status of somebody else that is no answer in a thread of the account: a mention, or a quotation."""

    id: str
    author: str
    at: int
    text: str
    quoted: str | None = None
