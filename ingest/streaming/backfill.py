"""What a stream missed, read back with requests while the stream goes on: one gap after the other, in no hurry.

A gap stays in its account's cursor until all of it is acknowledged, so that a restart reads it back again.
"""

import random
import threading
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from contracts.config import Account, Config
from ingest.kafka import Offsets, merge
from ingest.platforms import Gap, Job, PollFailed, State, Stream
from ingest.polling.access import Access
from ingest.polling.reader import Errand, Reader, Trip
from ingest.streaming.register import watched
from runtime.clock import Clock, wall_ms

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 300.0


@dataclass(slots=True)
class ReadBack:
    """What reading a gap back has left."""

    state: State = field(default_factory=dict)
    produced: Offsets = field(default_factory=dict)


class Backfill:
    """Reads gaps back; blocking, so it is called in a thread. `stop` ends it between two requests."""

    def __init__(self, config: Config, reader: Reader, clock: Clock, stop: threading.Event) -> None:
        self._config = config
        self._reader = reader
        self._clock = clock
        self._stop = stop

    def run(self, stream: Stream, account: Account, access: Access, gap: Gap) -> ReadBack:
        """Everything that can be read back of it is acknowledged; raises `PollFailed`."""
        source = watched(account).source
        poll_id = f"{source}@{wall_ms()}"
        job = Job(
            account=account,
            zone=ZoneInfo(account.zone),
            polling=self._config.polling,
            base_url=access.base_url,
            now=self._clock.now_ms(),
            known={},
            settings=access.settings,
        )
        plan = stream.backfill(job, gap)
        found = ReadBack(dict(plan.kept))
        for reading in plan.readings:
            errand = Errand(access, source, poll_id, reading)
            self._lead(errand)
            found.state |= errand.read.state
            merge(found.produced, errand.read.produced)
        return found

    def _lead(self, errand: Errand) -> None:
        attempts = 0
        while not errand.is_over:
            if self._stop.is_set():
                raise PollFailed("stopped")
            trip = self._reader.run(errand)
            if trip.error is not None:
                raise trip.error
            if trip.usage is not None and trip.usage.ratio >= 1:
                self._stop.wait(min(trip.usage.regain_seconds, LONGEST_PAUSE_SECONDS))
            if trip.again is None and trip.wait is None:
                attempts = 0
                continue
            attempts += 1
            if attempts >= ATTEMPTS:
                raise PollFailed(trip.again or "limited")
            self._stop.wait(_pause(trip, attempts))


def _pause(trip: Trip, attempts: int) -> float:
    """Seconds before the same request again: what the platform asks for, or longer each time."""
    longest = FIRST_PAUSE_SECONDS * 2**attempts
    return min(max(trip.retry_after, random.uniform(longest / 2, longest)), LONGEST_PAUSE_SECONDS)
