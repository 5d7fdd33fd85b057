"""Accounts, posts and people by their DIDs, and every record that still stands, by who made it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from ingest.simulator import authorship, world
from ingest.simulator.ledger import Fact
from ingest.simulator.population import BRANDS, CURRENCIES, ZONES, Page
from ingest.simulator.posts import Base, Post
from ingest.simulator.world import Scale

ACCOUNTS = 8
FORMATS = ("text", "images", "video", "link")
FORMAT_WEIGHTS = (40, 35, 15, 10)
DID = "did:plc:"
RECENT = 400
"""So many of the latest records may be thought better of."""


class Quote(NamedTuple):
    person: str
    second: int
    message: str


@dataclass(slots=True)
class Skeet(Post):
    """`id` is its key in the account's repository. `likers`: person -> the keys of their likes, one or two, with the
    second of each. `reposters` and `quotes` are all in `shares`, under the keys of their records."""

    likers: dict[str, dict[str, int]] = field(default_factory=dict)
    reposters: set[str] = field(default_factory=set)
    quotes: dict[str, Quote] = field(default_factory=dict)
    bookmarks: int = 0

    @property
    def uri(self) -> str:
        return f"at://{self.page.id}/app.bsky.feed.post/{self.id}"

    @property
    def permalink(self) -> str:
        return f"https://bsky.app/profile/{self.page.id}/post/{self.id}"

    @property
    def external(self) -> str | None:
        """The address that it shows beside its text."""
        return f"https://blog.example.test/{self.id}" if self.format == "link" else None


@dataclass(slots=True)
class Deed:
    """A record that stands. `undo(at)` takes it back in the true state; its fact, if anything ends with it."""

    person: str
    collection: str
    rkey: str
    page: Page
    undo: Callable[[int], Fact | None]


class World(world.World):
    """The same laws, other inhabitants. `ended`: relation -> the second in which it last ended."""

    def __init__(self, seed: int, begins_at: int, scale: Scale) -> None:
        super().__init__(seed, begins_at, scale)
        self.deeds: dict[str, dict[str, Deed]] = {}
        self.recent: list[tuple[str, str]] = []
        self.gone: set[str] = set()
        self.ended: dict[tuple[str, str], int] = {}

    def _population(self) -> list[Page]:
        brands = list(BRANDS)
        return [
            Page(
                id=f"{DID}brand{n:03}",
                name=f"{BRANDS[brands[n % len(brands)]]} on Bluesky {n // len(brands) + 1}",
                brand=brands[n % len(brands)],
                zone=ZONES[(7 * n + 3) % len(ZONES)],
                currency=CURRENCIES[n % len(CURRENCIES)],
                connected_at=self.begins_at,
                weight=1 / (n + 2),
                base_followers=self.rng.randrange(500, 90_000),
            )
            for n in range(ACCOUNTS)
        ]

    def _old_posts(self) -> Iterator[tuple[int, Page]]:
        for _ in range(self.scale.old_posts):
            at = self.begins_at - self.rng.randrange(world.YOUNGEST_OLD_POST, world.OLDEST_OLD_POST)
            yield at, self.draw_page()

    def _composed(self, at: int, page: Page) -> Skeet:
        number = self.next_id()
        base = authorship.history(self.rng, page) if at < self.begins_at else Base()
        return Skeet(
            id=f"3k{number}",
            page=page,
            created_at=at,
            format=self.rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            wordings=[authorship.wording(self.rng, at, int(number) % 10_000)],
            base=Base({"like": sum(base.likes.values())}, base.comments, base.shares),
            bookmarks=self.rng.randrange(30),
        )

    def draw_actor(self, page: Page) -> str:
        """Usually somebody who is still there, now and then the account itself."""
        if self.rng.random() < 0.03:
            return page.id
        while (person := f"{DID}{self.people.draw(self.rng)}") in self.gone:
            continue
        return person

    def done(self, deed: Deed) -> None:
        """The record stands from now on."""
        self.deeds.setdefault(deed.person, {})[deed.rkey] = deed
        self.recent.append((deed.person, deed.rkey))
        del self.recent[:-RECENT]

    def may_begin(self, subject: str, person: str, at: int) -> bool:
        """Nobody begins again within the second in which it ended: which came first would not be told."""
        return self.ended.get((subject, person)) != at


def handle(person: str) -> str:
    return f"p{person.removeprefix(DID)}.bsky.test"
