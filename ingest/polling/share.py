"""What is read back beside the poller: of a platform by one process at a time, within the part of the limits that the
poller leaves.

Whoever does says so now and then where cursors are kept, under a name that is no account's. Who begins meanwhile is
refused, and who comes later on the same day goes on from what was spent of it.
"""

import time
from collections.abc import Iterable, Mapping

from contracts.events import SCHEMA, Cursor
from ingest.kafka import KafkaAway, Producer
from ingest.polling.access import Lanes
from ingest.polling.schedule import Schedule
from ingest.records import Records
from runtime.clock import wall_ms

SAID_SECONDS = 10.0
GONE_MS = 60_000
"""Who has not said for so long that it is reading back has ended without a word."""


class Taken(Exception):
    """Something of this platform is being read back by another process."""


def name(platform: str) -> str:
    """What it is called among the cursors."""
    return f"{platform}::backfill"


class Share:
    """`cursors` are those from before this process began."""

    def __init__(
        self,
        schedules: Iterable[Schedule],
        lanes: Lanes,
        cursors: Mapping[str, Cursor],
        producer: Producer,
        records: Records,
    ) -> None:
        self._schedules = list(schedules)
        self._lanes = lanes
        self._producer = producer
        self._records = records
        self._before = {
            platform: cursors.get(name(platform))
            for platform in {schedule.account.platform for schedule in self._schedules}
        }
        self._said_at = 0.0

    def take(self) -> None:
        """Begin; raises `Taken` if somebody else has begun and not ended, and `KafkaAway`."""
        for platform, before in self._before.items():
            if before is not None and not before.healthy and wall_ms() - before.recorded_at < GONE_MS:
                raise Taken(platform)
        lanes = [self._lanes.of(schedule.access, schedule.account.id) for schedule in self._schedules]
        platforms = [schedule.account.platform for schedule in self._schedules]
        budgets = {
            budget: platform
            for lane, platform in zip(lanes, platforms, strict=True)
            for budget in (*lane.gate.budgets, *lane.budgets)
        }
        for budget, platform in budgets.items():
            for day, units in self._spent_before(platform).items():
                budget.recall(day, units)
        self._say(is_over=False)

    def keep(self) -> None:
        """Say now and then that it goes on."""
        if time.monotonic() - self._said_at >= SAID_SECONDS:
            try:
                self._say(is_over=False)
            except KafkaAway:
                return

    def end(self) -> None:
        """It is over; raises `KafkaAway`."""
        self._say(is_over=True)

    def _say(self, *, is_over: bool) -> None:
        self._said_at = time.monotonic()
        self._producer.write(
            [self._records.of_cursor(self._cursor(platform, is_over=is_over)) for platform in sorted(self._before)]
        )

    def _cursor(self, platform: str, *, is_over: bool) -> Cursor:
        return Cursor(
            schema=SCHEMA,
            source=name(platform),
            platform=platform,
            account_id="",
            started_at=None,
            overlap_ms=0,
            healthy=is_over,
            recorded_at=wall_ms(),
            spent=self._spent(platform),
        )

    def _spent_before(self, platform: str) -> dict[str, int]:
        before = self._before[platform]
        return {} if before is None else before.spent

    def _spent(self, platform: str) -> dict[str, int]:
        """Of the last day on which anything was spent."""
        spent = dict(self._spent_before(platform))
        for schedule in self._schedules:
            if schedule.account.platform == platform:
                for day, units in schedule.spent.items():
                    spent[day] = spent.get(day, 0) + units
        newest = max(spent, default=None)
        return {} if newest is None else {newest: spent[newest]}
