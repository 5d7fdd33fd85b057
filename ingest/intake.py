"""The one way in: what a platform sent -> the records to write, for the receiver, the poller and a replay alike."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.metadata import version
from typing import Literal

import msgspec

from contracts import dead_letters, metrics
from contracts.config import Account, Config
from contracts.events import Channel, EngagementEvent, Person, Snapshot
from contracts.outcome import Drop, Keep, Refuse
from contracts.paid import Order, Refund, Touch
from ingest.identity import CUSTOMER, VISITOR, pseudonymiser
from ingest.limits import exceeds
from ingest.people import last_seen
from ingest.platforms import Fact, Part, Platform, Receipt, Webhook
from ingest.records import Record, Records
from runtime.instruments import Instruments
from runtime.seal import Sealer

Origin = Literal["delivery", "change", "poll"]
MOST_SEALED = 8_960 * 1024
"""Bytes of what was refused that are kept: sealed and written as text they just fit into a record. No delivery is as
long; an item of an answer may be."""


@dataclass(slots=True)
class Batch:
    """The records of one input, and what became of its parts. `newest`: account -> when the newest of its events
    occurred. `tally` is called when Kafka has acknowledged them."""

    platform: str
    channel: Channel
    records: list[Record] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    snapshots: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    letter_ids: set[str] = field(default_factory=set)
    newest: dict[str, int] = field(default_factory=dict)
    is_unreadable: bool = False

    def tally(self, instruments: Instruments) -> None:
        """Count what was written, dropped and refused."""
        for kind, n in self.kinds.items():
            instruments.counter(metrics.EVENTS_EMITTED).labels(self.platform, self.channel, kind).inc(n)
        if self.snapshots:
            instruments.counter(metrics.SNAPSHOTS_EMITTED).labels(self.platform).inc(self.snapshots)
        for reason, n in self.drops.items():
            instruments.counter(metrics.DROPPED).labels(self.platform, reason).inc(n)
        for reason, n in self.refusals.items():
            instruments.counter(metrics.DEAD_LETTERS).labels("ingest", reason).inc(n)


class _Object(msgspec.Struct):
    object: str


_objects = msgspec.json.Decoder(_Object | list[_Object]).decode


class Intake:
    """Parses inputs of the given platforms for the configured accounts, and seals what it cannot use."""

    def __init__(
        self,
        config: Config,
        platforms: Mapping[str, Platform],
        identity_key: str,
        sealer: Sealer,
        records: Records,
        identity_key_next: str | None = None,
    ) -> None:
        self._records = records
        self._sealer = sealer
        self._keep_text = config.privacy.text
        self._keep_names = config.privacy.people == "named"
        self._code_version = version("engagement-pipeline")
        self._accounts = {name: accounts_of(config, name) for name in platforms}
        self._pseudonyms = {
            name: pseudonymiser(identity_key, name, identity_key_next) if config.privacy.pseudonymise else str
            for name in (*platforms, VISITOR, CUSTOMER)
        }

    def receipt(self, platform: str, channel: Channel, source_id: str, received_at: int) -> Receipt:
        """What the platform's parser is told."""
        return Receipt(
            received_at=received_at,
            channel=channel,
            source_id=source_id,
            accounts=self._accounts[platform],
            pseudonym=self._pseudonyms[platform],
            visitor=self._pseudonyms[VISITOR],
            customer=self._pseudonyms[CUSTOMER],
            keep_text=self._keep_text,
            keep_names=self._keep_names,
        )

    def delivery(self, sharing: Sequence[Platform], body: bytes, channel: Channel, received_at: int) -> Batch:
        """A webhook's input; `sharing` are the platforms of its endpoint."""
        platform, webhook = _addressee(sharing, body)
        receipt = self.receipt(platform.name, channel, blake2b(body, digest_size=8).hexdigest(), received_at)
        parts: Iterable[Part]
        if exceeds(body, webhook.limits.max_values, webhook.limits.max_depth):
            parts = [Part(Refuse("too_deep", "values or levels"), None, body, whole=True)]
        else:
            parts = webhook.parse(body, receipt)
        return self.batch(platform.name, channel, received_at, "change", parts)

    def denial(self, platform: Platform, query: Mapping[str, str], received_at: int) -> Batch:
        """What follows from a request that may say that a subscription has ended; whoever sent it."""
        parts = (
            ()
            if platform.webhook is None
            else platform.webhook.denied(query, self.receipt(platform.name, "webhook", "denial", received_at))
        )
        return self.batch(platform.name, "webhook", received_at, "delivery", parts)

    def batch(self, platform: str, channel: Channel, received_at: int, origin: Origin, parts: Iterable[Part]) -> Batch:
        """The records of what was parsed; `origin` is that of a part which was refused alone."""
        batch = Batch(platform, channel)
        people: dict[str, Person] = {}
        for part in parts:
            if part.person is not None:
                last_seen(people, part.person)
            match part.outcome:
                case Keep(fact):
                    batch.records.append(self._records.of_fact(fact))
                    if isinstance(fact, EngagementEvent):
                        batch.kinds[fact.kind] += 1
                    elif isinstance(fact, Snapshot):
                        batch.snapshots += 1
                    at = _occurred_at(fact)
                    if at and part.account_id is not None and at > batch.newest.get(part.account_id, 0):
                        batch.newest[part.account_id] = at
                case Drop(reason):
                    batch.drops[reason] += 1
                case Refuse(reason, detail):
                    batch.is_unreadable |= part.whole
                    letter = dead_letters.from_input(
                        origin="delivery" if part.whole else origin,
                        reason=reason,
                        detail=detail if len(part.body) <= MOST_SEALED else f"{detail} (its beginning, cut off)",
                        body=part.identity or part.body,
                        sealed=self._sealer.seal(part.body[:MOST_SEALED]),
                        received_at=received_at,
                        code_version=self._code_version,
                        platform=platform,
                        account_id=part.account_id,
                    )
                    batch.letter_ids.add(letter.dead_letter_id)
                    batch.refusals[reason] += 1
                    batch.records.append(self._records.of_dead_letter(letter))
        batch.records += map(self._records.of_person, people.values())
        return batch


def accounts_of(config: Config, platform: str) -> dict[str, Account]:
    """The configured accounts of a platform, by id."""
    return {account.id: account for account in config.accounts if account.platform == platform}


def _occurred_at(fact: Fact) -> int:
    """When somebody did what the fact tells of; 0 where it tells how something stands."""
    match fact:
        case EngagementEvent() | Touch():
            return fact.occurred_at
        case Order():
            return fact.version
        case Refund():
            return fact.refunded_at
    return 0


def _addressee(sharing: Sequence[Platform], body: bytes) -> tuple[Platform, Webhook]:
    """Whose delivery this is; one that does not say is the first one's to refuse."""
    candidates = [(platform, platform.webhook) for platform in sharing if platform.webhook is not None]
    if len(candidates) > 1:
        named = _named(body)
        candidates.sort(key=lambda candidate: candidate[1].object != named)
    return candidates[0]


def _named(body: bytes) -> str | None:
    """The `object` of a delivery, or of the first in a list of them."""
    try:
        found = _objects(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _named_slowly(body)
    first = found[0] if isinstance(found, list) and found else found
    return None if isinstance(first, list) else first.object


def _named_slowly(body: bytes) -> str | None:
    """The same of JSON that msgspec refuses, half a surrogate pair in a text for instance."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    first = found[0] if isinstance(found, list) and found else found
    named = first.get("object") if isinstance(first, dict) else None
    return named if isinstance(named, str) else None
