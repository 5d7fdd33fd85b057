"""From notes to tables, and the checks around them."""

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from pathlib import Path
from typing import Any, NamedTuple, Self

from ingest.simulator.ledger import counting, observing, rates
from ingest.simulator.ledger.counting import Row, Rows, moment
from ingest.simulator.ledger.notes import CONTENT, FILE, Fact
from ingest.simulator.ledger.observing import Observation, Reading
from ingest.simulator.ledger.walk import Interaction, Known, steps

Tables = dict[str, Rows]
Seen = tuple[str, str, str | None, str, str, int]
"""(platform, account, post, metric, window, as_of): which answer of the platform reached the log."""

LIFETIME = "lifetime"


class Offer(NamedTuple):
    """A fact was offered: at this time of the platform's clock, naming the actor or not."""

    at: int
    named: bool
    by_poll: bool


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
        observed: Container[Seen] | None = None,
        polled: Container[tuple[str, str, str]] | None = None,
    ) -> Tables:
        """Every streamed table, `accounts` and every view: {table: {key: row}}, times aware, days as dates.

        `observed`: the answers that reached the log; `polled`: the comments (platform, account, comment) that reached
        it by a poll. An answered poll may be lost with a killed poller. None: whatever was offered counts.
        """
        zones = {account: row["zone"] for account, row in self.accounts.items()}
        tables = counting.tables(self.platform, zones, self.interactions(polled))
        kept = [one for one in self.observations if observed is None or self._seen(one) in observed]
        readings = [one for one in self.readings if observed is None or self._seen(one) in observed]
        tables |= observing.metric_tables(self.platform, kept)
        tables["posts"] = observing.posts(self.platform, readings, self.deletions)
        tables["accounts"] = {(self.platform, account): row for account, row in self.accounts.items()}
        connected_at = {account: row["connected_at"] for account, row in self.accounts.items()}
        followers = rates.Followers(tables["account_metrics_day"])
        tables["post_totals"] = rates.post_totals(tables, connected_at)
        tables["post_rates"] = rates.post_rates(tables["post_totals"], tables["posts"], followers, zones)
        tables["account_rates"] = rates.account_rates(self.platform, tables["accounts"], tables, followers)
        tables["account_rates_day"] = rates.account_rates_day(tables["engagement_by_account_day"], followers)
        return tables

    def compare_observations(self, observed: Set[Seen]) -> Missing:
        """Which offered observations are not on the log, and which there were never offered."""
        offered = {self._seen(one) for one in self.observations} | {self._seen(one) for one in self.readings}
        return Missing(frozenset(offered - observed), frozenset(observed - offered))

    def invented_comments(self, polled: Set[tuple[str, str, str]]) -> frozenset[tuple[str, str, str]]:
        """Comments that are on the log by a poll although no poll ever listed them."""
        listed = {
            (self.platform, self.facts[number].account, self.facts[number].subject)
            for number, offers in self.offers.items()
            if any(offer.by_poll for offer in offers)
        }
        return frozenset(polled - listed)

    def seen_twice(self) -> float:
        """Share of the facts that were offered by a webhook and by a poll."""
        both = sum(len({offer.by_poll for offer in offers}) == 2 for offers in self.offers.values())
        return both / len(self.facts) if self.facts else 0.0

    def interactions(self, polled: Container[tuple[str, str, str]] | None = None) -> list[Interaction]:
        """What the pipeline could know: offered facts only, an approximate time being the earliest offered."""
        told = []
        for number, offers in self.offers.items():
            fact = self.facts[number]
            if polled is not None and (self.platform, fact.account, fact.subject) not in polled:
                offers = [offer for offer in offers if not offer.by_poll]
            if offers:
                at = fact.at if fact.exact else min(offer.at for offer in offers)
                told.append(_Told(fact, at, any(offer.named for offer in offers)))
        return [_interaction(group, _first(one.fact.post for one in group)) for group in _by_relation(told)]

    def gaps(self, nets: Mapping[tuple[str, str], Mapping[str, int]] | None = None) -> list[Gap]:
        """For each post and kind at the world's end: counter, what events show of it, and what was never offered.

        Counters are taken since the world's start. `nets` are the pipeline's own figures, (account, post) ->
        net_X + owner_X by kind; None takes the ledger's.
        """
        everything = [_Told(fact, fact.at, True) for fact in self.facts]
        happened = _nets(
            _interaction(group, _first(one.fact.about for one in group)) for group in _by_relation(everything)
        )
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
            return self.platform, one.account, one.post, CONTENT, LIFETIME, one.as_of
        return self.platform, one.account, one.post, one.metric, one.window, one.as_of

    def _read_platform(self, platform: str) -> None:
        self.platform = platform

    def _read_account(self, account: str, columns: Row) -> None:
        self.accounts[account] = {**columns, "connected_at": moment(columns["connected_at"])}

    def _read_fact(self, *values: Any) -> None:
        self.facts.append(Fact(*values))

    def _read_delivered(self, at: int, facts: list[tuple[int, bool]]) -> None:
        for number, named in facts:
            self.offers[number].append(Offer(at, named, by_poll=False))

    def _read_listed(self, at: int, facts: list[tuple[int, bool]]) -> None:
        for number, named in facts:
            self.offers[number].append(Offer(at, named, by_poll=True))

    def _read_observed(self, as_of: int, account: str, values: list[list[Any]]) -> None:
        for post, metric, window, value, state in values:
            self.observations.append(Observation(account, post, metric, window, as_of, value, state))

    def _read_content(self, as_of: int, account: str, posts: list[tuple[str, Row]]) -> None:
        self.readings.extend(Reading(account, post, as_of, columns) for post, columns in posts)

    def _read_deleted(self, at: int, account: str, post: str) -> None:
        self.deletions.append((account, post, at))

    def _read_standing(self, account: str, posts: list[list[Any]]) -> None:
        for post, likes, comments, shares in posts:
            self.counters[account, post] = {"likes": likes, "comments": comments, "shares": shares}


class _Told(NamedTuple):
    fact: Fact
    at: int
    named: bool


def _relation(fact: Fact) -> tuple[Any, ...]:
    """What an interaction is: a comment, a share, or a person's relation to a target; else the fact by itself."""
    if fact.kind in ("comment", "share"):
        return fact.account, fact.kind, fact.subject
    if fact.actor is not None:
        return fact.account, fact.kind, fact.subject, "by", fact.actor
    return fact.account, fact.kind, fact.subject, "alone", fact.action, fact.reaction, fact.at


def _version(fact: Fact) -> str:
    """What makes two facts of one action distinct."""
    if fact.kind == "reaction":
        return f"{fact.reaction}:{fact.at}" if fact.exact else str(fact.reaction)
    return str(fact.at) if fact.kind == "comment" and fact.action == "update" else ""


def _by_relation(told: Iterable[_Told]) -> Iterable[list[_Told]]:
    groups: dict[tuple[Any, ...], list[_Told]] = defaultdict(list)
    for one in told:
        groups[_relation(one.fact)].append(one)
    return groups.values()


def _first(told: Iterable[str | None]) -> str | None:
    return next((one for one in told if one is not None), None)


def _interaction(told: list[_Told], post: str | None) -> Interaction:
    """One interaction; an exact time beats an approximate one, then the earliest wins."""
    facts: dict[tuple[str, str], list[_Told]] = defaultdict(list)
    for one in told:
        facts[one.fact.action, _version(one.fact)].append(one)
    first = told[0].fact
    return Interaction(
        account=first.account,
        kind=first.kind,
        post=post,
        to_comment=first.to_comment,
        alone=first.kind in ("reaction", "follow") and first.actor is None,
        facts=tuple(_known(action, version, same) for (action, version), same in facts.items()),
    )


def _known(action: str, version: str, same: list[_Told]) -> Known:
    best = min(same, key=lambda one: (not one.fact.exact, one.at))
    actor = _first(one.fact.actor for one in same if one.named)
    return Known(action, version, best.at, actor, best.fact.reaction)


def _nets(interactions: Iterable[Interaction]) -> dict[tuple[str, str | None], dict[str, int]]:
    """Active interactions by post and kind, the owner's included."""
    nets: dict[tuple[str, str | None], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in interactions:
        kind, number = one.counted_as, sum(step.number for step in steps(one.facts))
        if one.alone:
            number = {"add": 1, "remove": -1}.get(one.facts[0].action, 0)
        nets[one.account, one.post][kind] += number
    return nets
