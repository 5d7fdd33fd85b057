"""Who lives in the world: pages with their zones and brands, people, and how popular each is."""

from bisect import bisect
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

REACTIONS = ("like", "love", "care", "haha", "wow", "sad", "angry")
REACTION_WEIGHTS = (62, 17, 4, 7, 4, 3, 3)

FORMATS = ("added_photos", "mobile_status_update", "added_video", "shared_story")
FORMAT_WEIGHTS = (45, 25, 20, 10)

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati", "Europe/London", "Africa/Casablanca"),
    *("America/Sao_Paulo", "Asia/Tokyo", "Pacific/Apia", "Australia/Adelaide", "America/Los_Angeles"),
    *("Europe/Istanbul", "Asia/Tehran", "Pacific/Chatham", "Africa/Lagos", "Pacific/Pago_Pago"),
)
CURRENCIES = ("EUR", "USD", "GBP", "INR", "JPY", "BRL")
BRANDS = {"alder": "Alder Outdoor", "birch": "Birch Café", "cedar": "Cedar Books", "dahlia": "Dahlia Studio"}
TOWNS = ("Nord", "Süd", "Harbour", "Old Town", "Station")

LATE_CONNECTION_SECONDS = 21_600
"""Every fifth page was connected six hours into the world: coverage is unknown for what it published before."""


@dataclass(slots=True)
class Page:
    """A page, its followers before the world began, who likes it since when, and each change: (second, +1 or -1)."""

    id: str
    name: str
    brand: str
    zone: str
    currency: str
    connected_at: int
    weight: float
    base_followers: int
    followers: dict[str, int] = field(default_factory=dict)
    follower_changes: list[tuple[int, int]] = field(default_factory=list)

    def followers_at(self, second: int) -> int:
        """How many followed before that second."""
        return self.base_followers + sum(change for at, change in self.follower_changes if at < second)


def pages(rng: Random, count: int, begins_at: int) -> list[Page]:
    """`count` pages; each zone, brand and currency in turn, the first pages the most popular."""
    brands = list(BRANDS)
    made = []
    for n in range(count):
        brand = brands[n % len(brands)]
        late = LATE_CONNECTION_SECONDS if n % 5 == 4 else 0
        made.append(
            Page(
                id=str(100_000_000_001_001 + n),
                name=f"{BRANDS[brand]} {TOWNS[n // len(brands) % len(TOWNS)]}",
                brand=brand,
                zone=ZONES[n % len(ZONES)],
                currency=CURRENCIES[n % len(CURRENCIES)],
                connected_at=begins_at + late,
                weight=1 / (n + 3) ** 0.8,
                base_followers=rng.randrange(500, 200_000),
            )
        )
    return made


class People:
    """Zipf: a few are everywhere. Ids lie beyond 2^53, as they do on the platform."""

    def __init__(self, count: int) -> None:
        self._reach = list(accumulate(1 / (rank + 30) ** 0.9 for rank in range(count)))

    def draw(self, rng: Random) -> str:
        return str(10**17 + 7 * bisect(self._reach, rng.random() * self._reach[-1]))

    @staticmethod
    def regular(number: int) -> str:
        """Somebody of habit: one of those who are seen everywhere, and never unseen."""
        person = 10**17 + 7 * (40 + number)
        return str(person + 7 if People.is_private(str(person)) else person)

    @staticmethod
    def is_private(person: str) -> bool:
        """Whether webhooks hide who this is: always, or relations of theirs would not add up."""
        return int(person) % 29 == 11

    @staticmethod
    def name(person: str) -> str:
        return f"Zoë {int(person) % 10**6}"
