"""When a source is due, and which of its items then are. Pure: times are told, in seconds of a clock that never goes
back and, for what the platform dates, in epoch milliseconds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from ingest.platforms import Item
from ingest.polling.pacing import HOUR_MS, JITTER, next_page_size, retry_seconds, seconds_between, sooner

EVERYTHING = ""
"""The item that stands for all that is followed, as old as the oldest of it: so that now and then all of it is read."""

SLACK = JITTER
"""What is due after the last part of its interval is read with the others: a poll may come as much sooner as that."""


@dataclass(slots=True)
class Entry:
    """A source of an account. `read_at`: when each of its items was last begun to be read. `is_woken`: somebody said
    that there is something new, and no poll has begun since. `scale`: how much slower than usual items are read."""

    interval: float
    page_size: int
    scale: float = 1.0
    due: float = 0.0
    failures: int = 0
    successes: int = 0
    read_at: dict[str, float] = field(default_factory=dict)
    is_woken: bool = False

    def due_items(self, items: Iterable[Item], now: float, now_ms: int) -> dict[str, Item]:
        """Those whose turn it is, by name; what is not known yet is due. One that is all but due is taken along."""
        return {
            item.name: item
            for item in items
            if item.name not in self.read_at
            or self.read_at[item.name] + seconds_between(item, now_ms, self.scale) * (1 - SLACK) <= now
        }

    def next_due(self, items: Iterable[Item], now: float, now_ms: int) -> float:
        """When the next of them is due, but after the source's interval at the latest."""
        dues = (
            self.read_at[item.name] + seconds_between(item, now_ms, self.scale) if item.name in self.read_at else now
            for item in items
        )
        return min(now + self.interval, min(dues, default=now + self.interval))

    def succeeded(
        self, due: Iterable[str], items: list[Item], began: float, now: float, now_ms: int, *, finds: bool
    ) -> None:
        """A poll that began then has read the items that were due; `items` are those that are known after it. `finds`:
        it has also read those that it has found."""
        at = self.read_at | dict.fromkeys(due, began)
        self.read_at = {item.name: at.get(item.name, began) for item in items if finds or item.name in at}
        self.failures = 0
        self.successes += 1
        self.due = now if self.is_woken else self.next_due(items, now, now_ms)

    def failed(self, now: float, random: Random, *, not_before: float, needs_help: bool) -> None:
        """A poll failed: soon again, later each time; what needs a person not before the interval has passed."""
        self.failures += 1
        pause = self.interval if needs_help else retry_seconds(self.failures, self.interval, random)
        self.due = max(now + pause, not_before)

    def wake(self, now: float) -> None:
        """There is something new: due now, or after the poll that is under way, unless it fails and waits its time."""
        self.is_woken = True
        if self.failures == 0:
            self.due = min(self.due, now)

    def resized(self, halvings: int, largest: int) -> None:
        """A poll ended in which the platform wanted less at a time so many times."""
        self.page_size = next_page_size(self.page_size, halvings, largest)

    def jitter(self, now: float, random: Random) -> None:
        """Come a little sooner, by chance."""
        self.due = now + sooner(max(0.0, self.due - now), random)


def back_to(due: dict[str, Item], now_ms: int) -> int:
    """How far back a listing must go to hold what is due; the last hour at least, for there the new ones are."""
    return min((now_ms - HOUR_MS, *(item.published_at for item in due.values())))
