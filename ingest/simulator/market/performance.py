"""What an ad did on a day of its account, as the platform has it at a second: figures of past days move for weeks.

A function of the seed, the ad, the day and the second: nothing is stored, so every reading of one second is the same.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from random import Random
from zoneinfo import ZoneInfo

from ingest.simulator.market.ads import Ad, AdSet, Book, Campaign

DAY = 86_400
LONGEST_DELAY = 28 * DAY
CREDITED_AFTER = (6 * 3600, 70 * 3600)
"""Seconds after a day's end at which the platform gives back what invalid clicks had cost."""
LEAST_SHOWN = 60
"""Below, nothing is told of actions."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversion that the platform claims: seconds from the day's start to the impression, then until it was made."""

    shown: int
    delay: int
    is_click: bool
    value: int

    def windows(self) -> list[str]:
        """In which attribution windows it lies."""
        if not self.is_click:
            return ["1d_view"] if self.delay <= DAY else []
        days = {"1d_click": 1, "7d_click": 7, "28d_click": 28}
        return [name for name, most in days.items() if self.delay <= most * DAY]


@dataclass(frozen=True, slots=True)
class Draft:
    """How an ad's day will end. `cost` and values in minor units; `credit`: what is given back after its end."""

    impressions: int
    cost: int
    credit: int
    credited_after: int
    click_rate: float
    reach_share: float
    claims: tuple[Claim, ...]
    is_mute: bool


@dataclass(slots=True)
class Figures:
    """`results`: window -> (claims, value in minor units). Reach cannot be summed: `reach_share` of the impressions."""

    impressions: int = 0
    spend: int = 0
    clicks: int = 0
    link_clicks: int = 0
    reach: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    results: dict[str, tuple[int, int]] = field(default_factory=dict)
    tells_actions: bool = True

    def add(self, other: "Figures") -> None:
        """Everything but the reach, which is shared by some."""
        self.impressions += other.impressions
        self.spend += other.spend
        self.clicks += other.clicks
        self.link_clicks += other.link_clicks
        self.reach += other.reach
        self.actions.update(other.actions)
        for window, (number, value) in other.results.items():
            before = self.results.get(window, (0, 0))
            self.results[window] = before[0] + number, before[1] + value

    def shared(self, part: float) -> None:
        """Some people were reached by several of those that were added."""
        self.reach = max(min(self.reach, 1), int(self.reach * part))


@lru_cache(maxsize=20_000)
def starts_at(day: dt.date, zone: str) -> int:
    """The second at which a local day begins."""
    return int(dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).timestamp())


@cache
def _draft(seed: int, ad: str, pull: float, day: dt.date, budget: int) -> Draft:
    rng = Random(f"{seed}:{ad}:{day}")
    impressions = 0 if rng.random() < 0.04 else int(rng.uniform(20, 3_000) * pull)
    cost = int(budget * rng.uniform(0.1, 0.3) * min(1.0, impressions / 800))
    rate = rng.uniform(0.008, 0.05)
    number = int(impressions * rate * rng.uniform(0.0, 0.2))
    claims = tuple(
        Claim(
            rng.randrange(DAY),
            int(rng.uniform(0, 1) ** 3 * LONGEST_DELAY),
            rng.random() < 0.8,
            rng.randrange(500, 20_000),
        )
        for _ in range(number)
    )
    credit = cost * rng.randrange(5) // 100
    after = rng.randrange(*CREDITED_AFTER)
    return Draft(impressions, cost, credit, after, rate, rng.uniform(0.55, 0.95), claims, rng.random() < 0.1)


def of_ad(seed: int, book: Book, campaign: Campaign, ad_set: AdSet, ad: Ad, day: dt.date, now: int) -> Figures:
    """The figures of an ad's day as they stand when the second `now` begins."""
    begins = starts_at(day, book.account.zone)
    ends = starts_at(day + dt.timedelta(days=1), book.account.zone)
    if now <= begins or begins < campaign.starts_at:
        return Figures()
    draft = _draft(seed, ad.id, ad.pull, day, 100_000 if book.account.currency in ("JPY", "INR") else 10_000)
    passed = min(1.0, (now - begins) / (ends - begins))
    found = Figures(impressions=int(draft.impressions * passed))
    found.spend = int(draft.cost * passed) - (draft.credit if now >= ends + draft.credited_after else 0)
    found.clicks = int(found.impressions * draft.click_rate)
    found.link_clicks = found.clicks * 7 // 10
    found.reach = int(found.impressions * draft.reach_share)
    found.tells_actions = not draft.is_mute and found.impressions >= LEAST_SHOWN
    if found.tells_actions:
        found.actions.update(_engagement(found))
        found.results = _results(draft, ad_set.attribution, begins, now)
    return found


def _engagement(found: Figures) -> dict[str, int]:
    shown = found.impressions
    return {
        "post_reaction": shown // 90,
        "comment": shown // 700,
        "post": shown // 1_100,
        "onsite_conversion.post_save": shown // 900,
        "video_view": shown // 6,
    }


def _results(draft: Draft, setting: str, begins: int, now: int) -> dict[str, tuple[int, int]]:
    """Window -> (claims, value): credited to the day of the impression, whenever they are made."""
    numbers: Counter[str] = Counter()
    values: Counter[str] = Counter()
    held_by = {"7d_click_1d_view": ("7d_click", "1d_view"), "1d_click": ("1d_click",)}[setting]
    for claim in draft.claims:
        if begins + claim.shown + claim.delay >= now:
            continue
        windows = claim.windows()
        if set(windows) & set(held_by):
            windows.append("default")
        for window in windows:
            numbers[window] += 1
            values[window] += claim.value
    return {window: (number, values[window]) for window, number in numbers.items()}
