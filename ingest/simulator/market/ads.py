"""Campaigns, ad sets and ads: what each is at any second, since people rename, pause and raise budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from ingest.simulator.market.brands import AD_ACCOUNTS, AdAccount

FIRST_ID = 120_330_000_000_000_001
DAY = 86_400
WORDS = ("Spring Sale", "Always On", "Größe & Glück", "Retargeting 30d", "Lead Form", "Summer  Drop")
OBJECTIVES = ("OUTCOME_SALES", "OUTCOME_ENGAGEMENT", "OUTCOME_LEADS")
STARTED_DAYS_AGO = (45, 12, 4)
"""By campaign of an account: longer than figures are read again, shorter, and lately."""
AD_SETS, ADS = 2, 2
BOOSTS_AFTER = 8 * 3_600
"""From the world's beginning until posts of its first hours are boosted."""
BOOSTED = 3
"""Posts of an ad account."""
WINDOWS = ("7d_click_1d_view", "7d_click_1d_view", "1d_click")

Facts = dict[str, Any]


@dataclass(slots=True)
class Entity:
    """A campaign, ad set or ad. `changes`: what it is from a second on, in order."""

    id: str
    changes: list[tuple[int, Facts]]

    def at(self, second: int) -> Facts:
        """As it stands when that second begins, so that every reading of one second is the same."""
        found: Facts = {}
        for since, change in self.changes:
            if since < second:
                found |= change
        return found

    def is_on(self, second: int) -> bool:
        return bool(self.at(second)["effective_status"] == "ACTIVE")


@dataclass(slots=True)
class Ad(Entity):
    """`post`: the Facebook post that it promotes; `pull`: how much it is shown, 1 being usual."""

    post: str | None
    pull: float


@dataclass(slots=True)
class AdSet(Entity):
    attribution: str
    ads: list[Ad] = field(default_factory=list)


@dataclass(slots=True)
class Campaign(Entity):
    """`utm`: what its links call it. `starts_at`: nothing was shown before."""

    objective: str
    utm: str
    starts_at: int
    ad_sets: list[AdSet] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """All advertising of an account."""

    account: AdAccount
    campaigns: list[Campaign]

    def ads(self) -> Iterator[tuple[Campaign, AdSet, Ad]]:
        for campaign in self.campaigns:
            for ad_set in campaign.ad_sets:
                for ad in ad_set.ads:
                    yield campaign, ad_set, ad


class Printer:
    """Draws the advertising of every account. `posts`: brand -> Facebook posts that can be promoted."""

    def __init__(self, rng: Random, begins_at: int, span: float, posts: Mapping[str, Sequence[str]]) -> None:
        self._rng = rng
        self._begins_at = begins_at
        self._span = int(min(span, 3 * DAY))
        self._posts = posts
        self._ids = map(str, count(FIRST_ID))

    def books(self) -> list[Book]:
        return [
            Book(account, [self._campaign(account, number) for number in range(len(OBJECTIVES))])
            for account in AD_ACCOUNTS
        ]

    def boost(self, rng: Random, book: Book, posts: Sequence[str]) -> None:
        """Somebody boosts some of these posts: a campaign that waits for it and then runs for ever."""
        if not posts:
            return
        at = self._begins_at + BOOSTS_AFTER
        facts = self._common("Boosts", self._begins_at)
        waits = facts | {"status": "PAUSED", "effective_status": "PAUSED", "start_time": at}
        starts = {"status": "ACTIVE", "effective_status": "ACTIVE", "updated_time": at}
        made = Campaign(
            next(self._ids), [(0, waits | {"objective": OBJECTIVES[1]}), (at, starts)], OBJECTIVES[1], "boosts", at
        )
        of_campaign = facts | {"campaign_id": made.id}
        ad_set = AdSet(next(self._ids), [(0, of_campaign | {"start_time": at})], WINDOWS[0])
        ad_set.ads = [
            Ad(next(self._ids), [(0, of_campaign | {"adset_id": ad_set.id})], post, rng.uniform(0.3, 2.0))
            for post in rng.sample(posts, min(BOOSTED, len(posts)))
        ]
        made.ad_sets = [ad_set]
        book.campaigns.append(made)

    def _campaign(self, account: AdAccount, number: int) -> Campaign:
        starts_at = self._begins_at - STARTED_DAYS_AGO[number] * DAY
        utm = f"{self._rng.choice(WORDS)} {number + 1}"
        facts = self._common(utm, starts_at) | {"objective": OBJECTIVES[number], "start_time": starts_at}
        if number == 0:
            facts["daily_budget"] = self._budget(account)
        made = Campaign(next(self._ids), [(0, facts)], OBJECTIVES[number], utm, starts_at)
        made.changes += self._edits(facts)
        made.ad_sets = [self._ad_set(account, made, number, n) for n in range(AD_SETS)]
        return made

    def _ad_set(self, account: AdAccount, campaign: Campaign, of: int, number: int) -> AdSet:
        facts = self._common(f"{campaign.utm} / {'broad' if number else 'fans'}", campaign.starts_at)
        facts |= {"campaign_id": campaign.id, "start_time": campaign.starts_at}
        if of == 1:
            facts["daily_budget"] = self._budget(account) // AD_SETS
        elif of == 2:
            facts |= {"lifetime_budget": 30 * self._budget(account), "end_time": self._begins_at + 26 * DAY}
        made = AdSet(next(self._ids), [(0, facts)], WINDOWS[(of + number) % len(WINDOWS)])
        made.changes += self._edits(facts)
        made.ads = [self._ad(account, campaign, made, of, n) for n in range(ADS)]
        return made

    def _ad(self, account: AdAccount, campaign: Campaign, ad_set: AdSet, of: int, number: int) -> Ad:
        facts = self._common(f"{campaign.utm} / {'AB'[number]}", campaign.starts_at)
        facts |= {"campaign_id": campaign.id, "adset_id": ad_set.id}
        posts = self._posts.get(account.brand, ())
        promoted = self._rng.choice(posts) if posts and (of == 1 or number == 0) else None
        made = Ad(next(self._ids), [(0, facts)], promoted, self._rng.uniform(0.3, 2.0))
        made.changes += self._edits(facts)
        return made

    @staticmethod
    def _common(name: str, since: int) -> Facts:
        return {"name": name, "status": "ACTIVE", "effective_status": "ACTIVE", "updated_time": since}

    def _budget(self, account: AdAccount) -> int:
        """In minor units, as budgets are told."""
        return self._rng.randrange(20, 90) * (1_000 if account.currency in ("JPY", "INR") else 100)

    def _edits(self, facts: Facts) -> list[tuple[int, Facts]]:
        """A third is renamed, a sixth paused and perhaps resumed, while the world lasts."""
        chance, at = self._rng.random(), self._begins_at + self._rng.randrange(max(1, self._span // 2))
        if chance < 0.33:
            return [(at, {"name": f"{facts['name']} (v2)", "updated_time": at})]
        if chance < 0.5:
            off = {"status": "PAUSED", "effective_status": "PAUSED", "updated_time": at}
            again = at + self._span // 5
            on = {"status": "ACTIVE", "effective_status": "ACTIVE", "updated_time": again}
            return [(at, off), (again, on)] if self._rng.random() < 0.5 else [(at, off)]
        if chance < 0.6 and "daily_budget" in facts:
            return [(at, {"daily_budget": facts["daily_budget"] * 3 // 2, "updated_time": at})]
        return []
