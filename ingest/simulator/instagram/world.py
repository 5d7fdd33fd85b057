"""Accounts, media and comments, as far as they differ from pages, posts and their comments."""

from dataclasses import dataclass
from typing import Literal

from ingest.simulator import authorship, world
from ingest.simulator.population import BRANDS, CURRENCIES, ZONES, Page
from ingest.simulator.posts import Base, Post

FIRST_ACCOUNT = 17_841_400_000_000_001
ACCOUNTS = 8
FORMATS = ("image", "carousel_album", "reels")
FORMAT_WEIGHTS = (45, 20, 35)

Insights = Literal["told", "too_few_viewers", "before_conversion"]
CONVERTED = 15 * 86_400
"""So long before the world's beginning every other account became professional; older media have no insights."""


@dataclass(slots=True)
class Media(Post):
    """Counters of what nobody is named for. `hides_likes`: then its counter shows 0. `has`: whether it has insights."""

    hides_likes: bool = False
    saves: int = 0
    ad_likes: int = 0
    has: Insights = "told"

    @property
    def permalink(self) -> str:
        return f"https://www.instagram.com/{'reel' if self.format == 'reels' else 'p'}/{self.id}/"

    @property
    def plays(self) -> int:
        """Seconds watched, of reels."""
        return 11 * self.likes() + 30 * self.comment_count(True)


def number_of(account: Page) -> int:
    """0 for the first account, and so on."""
    return int(account.id) - FIRST_ACCOUNT


def tells_totals(account: Page) -> bool:
    """Whether its login may ask for counters that include ads."""
    return number_of(account) % 2 == 0


class World(world.World):
    """The same laws, other inhabitants."""

    def _population(self) -> list[Page]:
        brands = list(BRANDS)
        return [
            Page(
                id=str(FIRST_ACCOUNT + n),
                name=f"{BRANDS[brands[n % len(brands)]]} on Instagram {n // len(brands) + 1}",
                brand=brands[n % len(brands)],
                zone=ZONES[(3 * n + 1) % len(ZONES)],
                currency=CURRENCIES[n % len(CURRENCIES)],
                connected_at=self.begins_at,
                weight=1 / (n + 2),
                base_followers=self.rng.randrange(500, 90_000),
            )
            for n in range(ACCOUNTS)
        ]

    def _composed(self, at: int, page: Page) -> Media:
        number = self.next_id()
        old = at < self.begins_at
        base = authorship.history(self.rng, page) if old else Base()
        has: Insights = "too_few_viewers" if int(number) % 11 == 3 else "told"
        if number_of(page) % 2 and at < self.begins_at - CONVERTED:
            has = "before_conversion"
        return Media(
            id=number,
            page=page,
            created_at=at,
            format=self.rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            wordings=[authorship.wording(self.rng, at, int(number) % 10_000)],
            base=Base(likes={"like": sum(base.likes.values())}, comments=base.comments, shares=base.shares),
            hides_likes=int(number) % 9 == 2,
            saves=self.rng.randrange(40) if old else 0,
            ad_likes=self.rng.randrange(300) if int(number) % 7 == 1 else 0,
            has=has,
        )
