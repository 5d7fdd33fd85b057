"""What a feed knows of its accounts: how far each has been heard, what was missed, and how each fares.

It holds in memory what is acknowledged, and says what to write of it; whoever follows a source tells what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contracts import metrics
from contracts.config import Account
from contracts.events import SCHEMA, Cursor
from contracts.health import Watched
from contracts.identity import account_key
from contracts.topics import ORGANIC_SOURCES, partition_of
from ingest.health import Watch
from ingest.kafka import Offsets, merge
from ingest.platforms import Failure, Frame, Gap, Resume, State, Stream
from ingest.records import Record, Records
from ingest.streaming import place
from ingest.streaming.place import Place
from runtime.clock import Clock
from runtime.instruments import Instruments
from runtime.logging import get_logger

NAME = "stream"
_ORGANIC = frozenset(topic.name for topic in ORGANIC_SOURCES)
_PROBLEMS = {"reauthorise": "token_expired", "forbidden": "permission_lost", "wait": "rate_limited"}

log = get_logger()


def watched(account: Account) -> Watched:
    """What an account's stream is called."""
    return Watched(account.platform, account.id, NAME, "stream")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the registers of a process share. `partitions`: of the organic topics."""

    records: Records
    partitions: int
    watch: Watch
    clock: Clock
    instruments: Instruments


class Register:
    """Of the accounts of one connection. `places`: how far each source was heard before, by its name."""

    def __init__(self, accounts: Sequence[Account], places: Mapping[str, Place], around: Surroundings) -> None:
        self.accounts = accounts
        self._places = {account.id: places.get(watched(account).source, Place()) for account in accounts}
        self._around = around
        self._written = dict(self._places)
        self._produced: dict[str, Offsets] = {account.id: {} for account in accounts}
        self._partition = {
            account.id: partition_of(account_key(account.platform, account.id), around.partitions)
            for account in accounts
        }
        for account in accounts:
            around.watch.follow(watched(account))

    def place(self, account: Account) -> Place:
        return self._places[account.id]

    def begins(self, stream: Stream, host: str, token: str | None) -> Resume:
        """Where the next connection begins; what it will not tell is a gap from now on."""
        now = self._around.clock.now_ms()
        for account in self.accounts:
            before = self._places[account.id]
            after = self._places[account.id] = place.missed(stream, account, before, now)
            if after.gap is not None:
                self._around.watch.missed(watched(account), after.gap.since, after.gap.until)
                if after != before:
                    name = watched(account).source
                    log.warning("gap_found", source=name, since=after.gap.since, until=after.gap.until)
        return place.resume(self.accounts, self._places, host, token)

    def connected(self) -> None:
        for account in self.accounts:
            self._around.watch.succeeded(watched(account))
            self._gauge(account, 1)

    def disconnected(self, reason: str, failure: Failure | None, failures: int) -> None:
        """`failures`: so many in a row; one that breaks and comes back at once does not fail yet."""
        problem = _PROBLEMS.get(
            failure.action if failure else "", "no_token" if reason == "no_token" else "disconnected"
        )
        for account in self.accounts:
            is_lasting = failures > 1 or problem != "disconnected"
            self._around.watch.failed(watched(account), problem, state="failing" if is_lasting else "degraded")
            self._gauge(account, 0)

    def kafka_away(self) -> None:
        for account in self.accounts:
            self._around.watch.failed(watched(account), "kafka_away", state="degraded")

    def heard(self, last: Frame | None, host: str, offsets: Offsets, newest: Mapping[str, int]) -> None:
        """Everything up to the frame `last` is acknowledged; `newest`: account -> the time of its newest event."""
        now = self._around.clock.now_ms()
        for account in self.accounts:
            if last is not None:
                before = self._places[account.id]
                at = before.at if last.at is None else last.at
                self._places[account.id] = replace(before, position=last.position, at=at, host=host)
            self._note_produced(account, offsets)
            self._around.watch.succeeded(watched(account))
            if account.id in newest:
                self._around.watch.saw(watched(account), newest[account.id])
            if (at := self._places[account.id].at) is not None:
                gauge = self._around.instruments.gauge(metrics.STREAM_BEHIND)
                gauge.labels(account.platform, account.id).set(max(0.0, (now - at) / 1000))

    def read_back(self, account: Account, gap: Gap, state: State, offsets: Offsets) -> None:
        """A gap has been read back, and all of it is acknowledged. A `position` in `state` is where to go on from, if
        nothing has been heard since the gap. A gap that has grown meanwhile is there still."""
        now = self._places[account.id]
        self._note_produced(account, offsets)
        if now.gap != gap:
            return
        position = state.get("position")
        if isinstance(position, str) and now.position == gap.position:
            now = replace(now, position=position)
        self._places[account.id] = replace(now, gap=None)
        self._around.watch.backfilled(watched(account))
        log.info("gap_read_back", source=watched(account).source, since=gap.since, until=gap.until)

    def changes(self) -> dict[str, Place]:
        """Accounts whose cursor says something else than what is so."""
        return {name: now for name, now in self._places.items() if now != self._written[name]}

    def cursors(self, changes: Mapping[str, Place]) -> list[Record]:
        return [self._cursor(account, changes[account.id]) for account in self.accounts if account.id in changes]

    def written(self, changes: Mapping[str, Place]) -> None:
        """These cursors are acknowledged."""
        self._written |= changes

    def _cursor(self, account: Account, now: Place) -> Record:
        cursor = Cursor(
            schema=SCHEMA,
            source=watched(account).source,
            platform=account.platform,
            account_id=account.id,
            started_at=now.at,
            overlap_ms=0,
            healthy=now.gap is None,
            recorded_at=self._around.clock.now_ms(),
            state=now.state,
            produced=self._produced[account.id],
        )
        return self._around.records.of_cursor(cursor)

    def _note_produced(self, account: Account, offsets: Offsets) -> None:
        partition = self._partition[account.id]
        own = {t: {partition: found[partition]} for t, found in offsets.items() if t in _ORGANIC and partition in found}
        merge(self._produced[account.id], own)

    def _gauge(self, account: Account, is_connected: int) -> None:
        gauge = self._around.instruments.gauge(metrics.STREAM_CONNECTED)
        gauge.labels(account.platform, account.id).set(is_connected)
