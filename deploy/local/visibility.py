"""Watches from outside when events become visible: the moments at which positions show as applied in the tables."""

import threading
from bisect import bisect_right
from collections import defaultdict
from operator import itemgetter

import psycopg

from contracts import topics
from runtime.clock import wall_ms

INTERVAL_SECONDS = 0.05
APPLIED = "SELECT partition, next_offset FROM pipeline.applied_positions WHERE topic = %s"


class Watch:
    """Samples in a thread of its own until closed; a database that is away is asked again."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._seen: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visibility", daemon=True)
        self._thread.start()

    def applied_at(self, partition: int, offset: int) -> int | None:
        """When the event at that place was first seen applied; None if it never was."""
        samples = self._seen.get(partition, [])
        place = bisect_right(samples, offset, key=itemgetter(0))
        return samples[place][1] if place < len(samples) else None

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_SECONDS):
            try:
                with psycopg.connect(self._dsn, autocommit=True, connect_timeout=2) as connection:
                    while not self._stop.wait(INTERVAL_SECONDS):
                        self._sample(connection)
            except psycopg.Error:
                continue

    def _sample(self, connection: psycopg.Connection) -> None:
        for partition, next_offset in connection.execute(APPLIED, [topics.EVENTS.name]).fetchall():
            samples = self._seen[partition]
            if not samples or next_offset > samples[-1][0]:
                samples.append((next_offset, wall_ms()))
