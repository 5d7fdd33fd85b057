"""Channels and videos, as far as they differ from pages, posts and their comments."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.simulator import authorship, world
from ingest.simulator.population import BRANDS, CURRENCIES, ZONES, Page, People
from ingest.simulator.posts import Base, Post

CHANNELS = 4
FORMATS = ("video", "short_video", "live")
FORMAT_WEIGHTS = (60, 30, 10)
DURATIONS = {"video": "PT12M4S", "short_video": "PT58S", "live": "P0D"}
SPAM_SECONDS = 1_800
"""So often views are cleaned of spam: the counter dips."""


@dataclass(slots=True)
class Video(Post):
    """Counters of what nobody is named for. `hides_likes`, `takes_comments`: then there is no such counter."""

    hides_likes: bool = False
    takes_comments: bool = True

    @property
    def permalink(self) -> str:
        return f"https://www.youtube.com/watch?v={self.id}"

    def title(self, second: int) -> str:
        """What it was called when that second began."""
        return f"Video {self.id[-4:]} of {self.wording(second).since}{' #Shorts' if self.is_short else ''}"

    @property
    def is_short(self) -> bool:
        return self.format == "short_video"

    def views(self, second: int) -> int:
        """Grows with engagement and time; the spam that is taken out makes it shrink now and then."""
        since = max(0, second - self.created_at)
        spam = 90 * (since // SPAM_SECONDS % 2 == 0)
        return 25 * self.likes() + 60 * self.comment_count(True) + since // 300 + spam


def hides_subscribers(channel: Page) -> bool:
    """The last of the channels does."""
    return channel.id.endswith(str(CHANNELS - 1))


class World(world.World):
    """The same laws, other inhabitants. A channel's id and a person's begin alike."""

    def _population(self) -> list[Page]:
        brands = list(BRANDS)
        return [
            Page(
                id=f"UC{7_000_000_000 + n}",
                name=f"{BRANDS[brands[n % len(brands)]]} TV",
                brand=brands[n % len(brands)],
                zone=ZONES[(5 * n + 2) % len(ZONES)],
                currency=CURRENCIES[n % len(CURRENCIES)],
                connected_at=self.begins_at,
                weight=1 / (n + 2),
                base_followers=self.rng.randrange(500, 900_000),
            )
            for n in range(CHANNELS)
        ]

    def _old_posts(self) -> Iterator[tuple[int, Page]]:
        for _ in range(self.scale.old_posts):
            at = self.begins_at - self.rng.randrange(world.YOUNGEST_OLD_POST, world.OLDEST_OLD_POST)
            yield at, self.draw_page()

    def _composed(self, at: int, page: Page) -> Video:
        number = self.next_id()
        base = authorship.history(self.rng, page) if at < self.begins_at else Base()
        takes_comments = int(number) % 13 != 5
        return Video(
            id=f"v{number}",
            page=page,
            created_at=at,
            format=self.rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            wordings=[authorship.wording(self.rng, at, int(number) % 10_000)],
            base=Base(likes={"like": sum(base.likes.values())}, comments=base.comments if takes_comments else 0),
            hides_likes=int(number) % 9 == 2,
            takes_comments=takes_comments,
        )

    def draw_actor(self, page: Page) -> str:
        return page.id if self.rng.random() < 0.03 else f"UC{self.people.draw(self.rng)}"


def is_nameless(author: str) -> bool:
    """Whether it is not told who wrote: the channel is gone."""
    return People.is_private(author.removeprefix("UC"))
