"""Keeps what is known of the sources that one process follows, and says what to write of them to `ingest.health`.

Whoever follows sources tells it what happens to them, and writes the records of `due()` every second or so with its own
producer. After a restart it goes on with what was written before, which is what `recorded` reads.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from contracts.events import SCHEMA
from contracts.health import PROBLEMS, HealthKind, HealthState, SourceHealth, Watched
from contracts.topics import HEALTH
from ingest import habit
from ingest.kafka import newest
from ingest.records import Record, Records

LOOK_MS = 10_000
"""So often it is looked whether time alone has changed something."""
REPEAT_MS = 60_000
"""What has only grown older by so much is written again."""
_TIMES_TELL = frozenset(("quiet", "gap"))
"""Problems that nobody tells of: they follow from what else is known."""


def recorded(bootstrap_servers: str) -> dict[str, SourceHealth]:
    """What was last written of every source; raises `KafkaAway`."""
    return {health.source: health for health in newest(bootstrap_servers, HEALTH, SourceHealth)}


@dataclass(slots=True)
class _Entry:
    """What is told of a source, and what was written of it last. `told` is its state but for what time alone brings;
    `is_news`: something was told since `looked_at`, our wall clock."""

    health: SourceHealth
    told: HealthState
    problem: str | None
    written: SourceHealth | None = None
    is_news: bool = True
    looked_at: int = 0


class Watch:
    """Thread-safe. `now_ms` is the clock of the platforms, `wall_ms` our own: the same but for simulated time."""

    def __init__(
        self,
        records: Records,
        now_ms: Callable[[], int],
        wall_ms: Callable[[], int],
        known: Mapping[str, SourceHealth] | None = None,
    ) -> None:
        self._records = records
        self._now_ms = now_ms
        self._wall_ms = wall_ms
        self._known = dict(known or {})
        self._entries: dict[str, _Entry] = {}
        self._lock = threading.Lock()

    def follow(self, watched: Watched) -> None:
        """This process follows that source: there is a record of it from now on, though nothing is known yet."""
        with self._lock:
            self._entry(watched)

    def succeeded(self, watched: Watched) -> None:
        """It was read or is connected; what was wrong with it is over."""
        with self._lock:
            entry = self._told(watched)
            entry.health = replace(entry.health, last_success_at=self._wall_ms())
            entry.told, entry.problem = "healthy", None

    def leased(self, watched: Watched, until: int) -> None:
        """Its subscription was granted or renewed until then; what was wrong with it is over."""
        self.succeeded(watched)
        with self._lock:
            entry = self._told(watched)
            entry.health = replace(entry.health, lease_expires_at=until)

    def token_expires(self, watched: Watched, at: int | None) -> None:
        """The platform takes its token until then; None: for ever."""
        with self._lock:
            entry = self._told(watched)
            entry.health = replace(entry.health, token_expires_at=at)

    def failed(self, watched: Watched, problem: str, *, state: HealthState = "failing") -> None:
        """It does not work, or (`degraded`) not as it should; `problem` is a word of `PROBLEMS`."""
        assert problem in PROBLEMS, problem
        with self._lock:
            entry = self._told(watched)
            entry.told, entry.problem = state, problem

    def saw(self, watched: Watched, event_at: int) -> None:
        """It brought events, the newest of which occurred then; older ones than are known say nothing."""
        with self._lock:
            entry = self._told(watched)
            before = entry.health.last_event_at
            event_at = min(event_at, self._now_ms())
            if before is not None and event_at <= before:
                return
            silences = entry.health.silences if before is None else habit.heard(entry.health.silences, before, event_at)
            entry.health = replace(entry.health, last_event_at=event_at, silences=silences)

    def missed(self, watched: Watched, gap_from: int, gap_until: int) -> None:
        """What occurred from then until before then was not seen. A gap that is still open grows by it."""
        with self._lock:
            entry = self._told(watched)
            health = entry.health
            if health.gap_from is not None and health.gap_until is not None and health.backfilled_at is None:
                gap_from, gap_until = min(gap_from, health.gap_from), max(gap_until, health.gap_until)
            entry.health = replace(health, gap_from=gap_from, gap_until=gap_until, backfilled_at=None)

    def backfilled(self, watched: Watched) -> None:
        """What was missed has been read back and is acknowledged."""
        with self._lock:
            entry = self._told(watched)
            if entry.health.gap_from is not None:
                entry.health = replace(entry.health, backfilled_at=self._wall_ms())

    def health(self, watched: Watched) -> SourceHealth:
        """What would be written now."""
        with self._lock:
            return self._judged(self._entry(watched))

    def strangers(self, kind: HealthKind) -> list[Record]:
        """Deletions of what was once written of sources of that kind that nobody follows here any more."""
        with self._lock:
            gone = [one for one in self._known.values() if one.kind == kind and one.source not in self._entries]
            for health in gone:
                del self._known[health.source]
        return [self._records.without_health(health.source) for health in gone]

    def due(self) -> list[Record]:
        """What to write now: sources whose state has changed, and all others once a minute."""
        found, now = [], self._wall_ms()
        with self._lock:
            for entry in self._entries.values():
                if not entry.is_news and now - entry.looked_at < LOOK_MS:
                    continue
                entry.is_news, entry.looked_at = False, now
                health = self._judged(entry)
                before = entry.written
                if before is None or _is_news(before, health) or health.recorded_at - before.recorded_at >= REPEAT_MS:
                    entry.written = health
                    found.append(self._records.of_health(health))
        return found

    def again(self) -> None:
        """What `due` gave last may not have been written: all of it is due anew."""
        with self._lock:
            for entry in self._entries.values():
                entry.written, entry.is_news = None, True

    def _told(self, watched: Watched) -> _Entry:
        entry = self._entry(watched)
        entry.is_news = True
        return entry

    def _entry(self, watched: Watched) -> _Entry:
        entry = self._entries.get(watched.source)
        if entry is None:
            platform, account_id, _, kind = watched
            wall = self._wall_ms()
            new = SourceHealth(SCHEMA, watched.source, platform, account_id, kind, "unknown", wall, wall)
            entry = self._entries[watched.source] = _resumed(self._known.get(watched.source, new))
        return entry

    def _judged(self, entry: _Entry) -> SourceHealth:
        """With what time alone has made of it since it was told."""
        health, now, wall = entry.health, self._now_ms(), self._wall_ms()
        last = health.last_event_at
        quiet_from = habit.quiet_from(health.silences, last) if last is not None else None
        quiet_since = quiet_from if quiet_from is not None and now >= quiet_from else None
        health = replace(
            health,
            recorded_at=wall,
            usual_gap_ms=habit.usual_gap(health.silences, last) if last is not None else None,
            quiet_since=quiet_since,
        )
        state, problem = judge(health, entry.told, entry.problem, now)
        changed = (state, problem) != (health.state, health.problem)
        entry.health = replace(health, state=state, problem=problem, since=wall if changed else health.since)
        return entry.health


def _resumed(health: SourceHealth) -> _Entry:
    if health.problem in _TIMES_TELL:
        return _Entry(health, "healthy", None)
    return _Entry(health, health.state, health.problem)


def judge(health: SourceHealth, told: HealthState, problem: str | None, now: int) -> tuple[HealthState, str | None]:
    """State and problem of a source: what its follower tells, unless an end has come that nobody told of.

    A source that works is degraded by an open gap and by an unusual silence.
    """
    if told == "failing":
        return told, problem
    for ends_at, word in ((health.token_expires_at, "token_expired"), (health.lease_expires_at, "lease_lapsed")):
        if ends_at is not None and ends_at <= now:
            return "failing", word
    if problem is not None:
        return told, problem
    if health.gap_from is not None and health.backfilled_at is None:
        return "degraded", "gap"
    if health.quiet_since is not None:
        return "degraded", "quiet"
    return told, None


def _is_news(before: SourceHealth, after: SourceHealth) -> bool:
    """Has anything changed that somebody waits for?"""
    return (before.state, before.problem, before.gap_from, before.backfilled_at, before.lease_expires_at) != (
        after.state,
        after.problem,
        after.gap_from,
        after.backfilled_at,
        after.lease_expires_at,
    )
