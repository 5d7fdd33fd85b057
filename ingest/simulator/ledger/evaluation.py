"""From notes to tables, and the checks around them."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, Self

from ingest.simulator.ledger import (
    cohorts,
    community,
    content,
    conversation,
    counting,
    observing,
    planning,
    rates,
    spikes,
    telling,
)
from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.notes import CONTENT, FILE, Fact
from ingest.simulator.ledger.observing import Observation, Reading
from ingest.simulator.ledger.people import lives, pseudonym
from ingest.simulator.ledger.planning import Slot
from ingest.simulator.ledger.telling import Namer, Offer, Retention, Told
from ingest.simulator.ledger.walk import Interaction, steps

Tables = dict[str, Rows]
Seen = tuple[str, str, str | None, str, str, str, int]
"""(platform, account, post, metric, scope, window, as_of): which answer of the platform reached the log."""

LIFETIME = "lifetime"
COUNT_KINDS = (*counting.TABLES, "community_members")
"""Tables whose columns are kinds of interaction."""


class Missing(NamedTuple):
    """`lost`: offered by an answered poll, never on the log. `invented`: on the log, never offered."""

    lost: frozenset[Seen]
    invented: frozenset[Seen]


class Gap(NamedTuple):
    """What events lack of a counter. The account is exact when `counter - seen == never_offered`."""

    account: str
    post: str
    kind: str
    counter: int
    seen: int
    never_offered: int

    @property
    def is_explained(self) -> bool:
        return self.counter - self.seen == self.never_offered


class Ledger:
    """Everything noted so far, read once. Evaluates without touching the notes."""

    def __init__(self, notes: Iterable[list[Any]]) -> None:
        self.platform = ""
        self.accounts: dict[str, Row] = {}
        self.facts: list[Fact] = []
        self.offers: dict[int, list[Offer]] = defaultdict(list)
        self.observations: list[Observation] = []
        self.readings: list[Reading] = []
        self.deletions: list[tuple[str, str, int]] = []
        self.counters: dict[tuple[str, str], dict[str, int]] = {}
        self.slots: list[Slot] = []
        for word, *values in notes:
            getattr(self, f"_read_{word}")(*values)

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read the notes that a simulator left in `directory`; a last line that is still being written is left out."""
        with (directory / FILE).open(encoding="utf-8") as lines:
            return cls(json.loads(line) for line in lines if line.endswith("\n"))

    def evaluate(
        self,
        *,
        now: int | None = None,
        identity_key: str | None = None,
        observed: Container[Seen] | None = None,
        polled: Container[tuple[str, str, str]] | None = None,
        retention: Retention | None = None,
    ) -> Tables:
        """Every streamed table, `accounts` and every view: {table: {key: row}}, times aware, days as dates.

        `now`: the greatest tick, in epoch milliseconds; it and the newest fact say which day today is. `identity_key`:
        what people's pseudonyms are made with; None leaves them their ids. `observed`: the answers that reached the
        log; `polled`: the comments (platform, account, comment) that reached it by a poll. An answered poll may be lost
        with a killed poller. None: whatever was offered counts. `retention`: when windows close to late facts.
        """
        zones = {account: row["zone"] for account, row in self.accounts.items()}
        connected_at = {account: row["connected_at"] for account, row in self.accounts.items()}
        interactions = self.interactions(polled, self._namer(identity_key), retention)
        kept = [one for one in self.observations if observed is None or self._seen(one) in observed]
        readings = [one for one in self.readings if observed is None or self._seen(one) in observed]
        tables = counting.tables(self.platform, zones, interactions)
        tables |= observing.metric_tables(self.platform, kept)
        tables["posts"] = observing.posts(self.platform, readings, self.deletions)
        tables["accounts"] = {(self.platform, account): row for account, row in self.accounts.items()}
        followers = rates.Followers(tables["account_metrics_day"])
        tables["post_totals"] = rates.post_totals(tables, connected_at)
        tables["post_rates"] = rates.post_rates(tables["post_totals"], tables["posts"], followers, zones)
        tables["account_rates"] = rates.account_rates(self.platform, tables["accounts"], tables, followers)
        tables["account_rates_day"] = rates.account_rates_day(tables["engagement_by_account_day"], followers)
        tables |= self._community(interactions, zones, self._today(zones, now), followers)
        tables |= self._content(tables, zones, connected_at)
        for name in COUNT_KINDS:
            tables[name] = counting.without_unsent(self.platform, tables[name])
        return tables

    def _community(
        self,
        interactions: list[Interaction],
        zones: Mapping[str, str],
        today: Mapping[str, dt.date],
        followers: rates.Followers,
    ) -> Tables:
        people = lives(zones, interactions)
        members = community.members(self.platform, people, today)
        days = community.by_account_day(self.platform, people, today)
        inbound = conversation.inbound_comments(self.platform, interactions)
        return {
            "community_members": members,
            "community_by_account_day": days,
            "community_cohorts": cohorts.cohorts(members),
            "community_rfm": cohorts.rfm(members),
            "community_health": cohorts.health(days, followers),
            "community_gravity_month": cohorts.gravity_month(days),
            "inbound_comments": inbound,
            "response_times_by_account_day": conversation.response_times(inbound, zones),
        }

    def _content(self, tables: Tables, zones: Mapping[str, str], connected_at: Mapping[str, dt.datetime]) -> Tables:
        account_hours = tables["engagement_by_account_hour"]
        anomalies = spikes.anomalies(account_hours, tables["engagement_by_post_hour"])
        posts = content.published(tables, zones)
        performance = content.performance(posts)
        adherence = planning.adherence(
            self.platform, self.slots, tables["posts"], tables["engagement_by_account_minute"]
        )
        return {
            "engagement_anomalies": anomalies,
            "engagement_spikes": spikes.spikes(anomalies, account_hours),
            "content_performance": performance,
            "best_times_to_post": content.best_times(performance),
            "post_features": content.features(posts),
            "engagement_decay": content.decay(tables["posts"], tables["engagement_by_post_minute"], connected_at),
            "editorial_plan": planning.plan(self.platform, self.slots),
            "editorial_adherence": adherence,
            "editorial_adherence_by_account_month": planning.by_month(adherence, zones),
            "editorial_mix": planning.mix(adherence, zones),
        }

    def _namer(self, identity_key: str | None) -> Namer:
        return str if identity_key is None else cache(lambda person: pseudonym(identity_key, self.platform, person))

    def _today(self, zones: Mapping[str, str], now: int | None) -> dict[str, dt.date]:
        """The local day of each account's newest fact as it was told, or of the tick."""
        newest = dict.fromkeys(zones, now or 0)
        for number, offers in self.offers.items():
            told = Told(self.facts[number], tuple(offers))
            newest[told.fact.account] = max(newest[told.fact.account], told.latest)
        return {account: local_day(at, zones[account]) for account, at in newest.items()}

    def compare_observations(self, observed: Set[Seen]) -> Missing:
        """Which offered observations are not on the log, and which there were never offered."""
        offered = {self._seen(one) for one in self.observations} | {self._seen(one) for one in self.readings}
        ours = {seen for seen in observed if seen[0] == self.platform}
        return Missing(frozenset(offered - ours), frozenset(ours - offered))

    def invented_comments(self, polled: Set[tuple[str, str, str]]) -> frozenset[tuple[str, str, str]]:
        """Comments that are on the log by a poll although no poll ever listed them."""
        listed = {
            (self.platform, self.facts[number].account, self.facts[number].subject)
            for number, offers in self.offers.items()
            if any(offer.by_poll for offer in offers)
        }
        return frozenset(comment for comment in polled - listed if comment[0] == self.platform)

    def seen_twice(self) -> float:
        """Share of the facts that were offered by a webhook and by a poll."""
        both = sum(len({offer.by_poll for offer in offers}) == 2 for offers in self.offers.values())
        return both / len(self.facts) if self.facts else 0.0

    def interactions(
        self,
        polled: Container[tuple[str, str, str]] | None = None,
        name: Namer = str,
        retention: Retention | None = None,
    ) -> list[Interaction]:
        """What the pipeline could know: offered facts only."""
        told = []
        for number, offers in self.offers.items():
            fact = self.facts[number]
            if polled is not None and (self.platform, fact.account, fact.subject) not in polled:
                offers = [offer for offer in offers if not offer.by_poll]
            if offers:
                told.append(Told(fact, tuple(offers)))
        return telling.interactions(told, name, retention)

    def gaps(self, nets: Mapping[tuple[str, str], Mapping[str, int]] | None = None) -> list[Gap]:
        """For each post and kind at the world's end: counter, what events show of it, and what was never offered.

        Counters are taken since the world's start. `nets` are the pipeline's own figures, (account, post) ->
        net_X + owner_X by kind; None takes the ledger's.
        """
        happened = _nets(telling.by_truth(self.facts))
        offered = _nets(self.interactions())
        found = []
        for key, counters in sorted(self.counters.items()):
            for kind, counter in counters.items():
                known = offered[key][kind]
                seen = known if nets is None else nets.get(key, {}).get(kind, 0)
                found.append(Gap(*key, kind, counter, seen, happened[key][kind] - known))
        return found

    def _seen(self, one: Observation | Reading) -> Seen:
        if isinstance(one, Reading):
            return self.platform, one.account, one.post, CONTENT, observing.SCOPE, LIFETIME, one.as_of
        return self.platform, one.account, one.post, one.metric, one.scope, one.window, one.as_of

    def _read_platform(self, platform: str) -> None:
        self.platform = platform

    def _read_account(self, account: str, columns: Row) -> None:
        self.accounts[account] = {**columns, "connected_at": moment(columns["connected_at"])}

    def _read_fact(self, *values: Any) -> None:
        self.facts.append(Fact(*values))

    def _read_delivered(self, at: int, facts: list[tuple[int, bool]]) -> None:
        for number, named in facts:
            self.offers[number].append(Offer(at, named, by_poll=False))

    def _read_listed(self, at: int, facts: list[tuple[int, bool, str | None]]) -> None:
        for number, named, permalink in facts:
            self.offers[number].append(Offer(at, named, by_poll=True, permalink=permalink))

    def _read_observed(self, as_of: int, account: str, values: list[list[Any]], scope: str) -> None:
        for post, metric, window, value, state in values:
            self.observations.append(Observation(account, post, metric, window, as_of, value, state, scope))

    def _read_content(self, as_of: int, account: str, posts: list[tuple[str, Row]]) -> None:
        self.readings.extend(Reading(account, post, as_of, columns) for post, columns in posts)

    def _read_deleted(self, at: int, account: str, post: str) -> None:
        self.deletions.append((account, post, at))

    def _read_planned(self, account: str, source: str, slots: list[Row]) -> None:
        self.slots.extend(Slot(account, source, columns) for columns in slots)

    def _read_standing(self, account: str, posts: list[list[Any]]) -> None:
        for post, likes, comments, shares in posts:
            counters = {"likes": likes, "comments": comments, "shares": shares}
            self.counters[account, post] = {kind: number for kind, number in counters.items() if number is not None}


def _nets(interactions: Iterable[Interaction]) -> dict[tuple[str, str | None], dict[str, int]]:
    """Active interactions by post and kind, the owner's included."""
    nets: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in interactions:
        kind, number = one.counted_as, sum(step.number for step in steps(one.facts))
        if one.alone:
            number = {"add": 1, "remove": -1}.get(one.facts[0].action, 0)
        nets[one.account, one.post][kind] += number
    return nets
