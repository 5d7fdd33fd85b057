"""How much may be asked of a platform, and when: one budget for each of its limits, shared by whoever shares the limit.

Pure: what time it is, is told. `now` is in seconds of a clock that never goes back.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingest.platforms import Limit, Usage

SLOW_FROM = 0.75
"""From here on, requests are spread: what is left over the time until there is more or, where that is not told, they
come more and more slowly."""
SLOWEST_SECONDS = 1.0
FIRST_STOP_SECONDS = 1.0
LONGEST_STOP_SECONDS = 900.0
LONGEST_TOLD_SECONDS = 86_400.0
"""No limit is counted anew later than this, whatever an answer says."""
AT_ONCE = 0.1
"""Part of what a window allows that may be asked in one go; the rest comes evenly, so no window of that length holds
more than is allowed, wherever it begins."""
DAYS_FREE = 0.5
"""Part of a day's amount that may be spent as early as one likes; the rest grows with the day."""


class Budget:
    """One limit. `share` is our part of its amount; `clock_ms` tells the platform's time, which its days follow, and
    which passes `speed` times as fast as seconds do."""

    def __init__(self, limit: Limit, share: float, clock_ms: Callable[[], int], speed: float = 1.0) -> None:
        self._meter = _meter(limit, share, clock_ms, speed)
        self._pause = 0.0
        self._stops = 0
        self._stopped_until = 0.0
        self._next_at = 0.0

    def ready_at(self, now: float, cost: int = 1) -> float:
        """When a request of that cost may be made; no later than `now` if it may be at once."""
        return max(self._stopped_until, self._next_at, self._meter.ready_at(now, cost) if self._meter else now)

    @property
    def stopped_until(self) -> float:
        """Before that, nothing may be asked: the platform says that its limit is reached."""
        return self._stopped_until

    def spend(self, now: float, cost: int = 1) -> None:
        """A request is made."""
        if self._meter is not None:
            self._meter.spend(now, cost)
        self._next_at = now + self._pause

    def passed(self) -> None:
        """A request was answered: the limit is not reached, so the next stop is a first one again."""
        self._stops = 0

    def note(self, now: float, usage: Usage) -> None:
        """Take in how much is spent; a full limit stops until there is more."""
        regain = min(usage.regain_seconds, LONGEST_TOLD_SECONDS)
        self._pause = _pause(usage, regain)
        if usage.ratio >= 1:
            self.stop(now, regain)
        else:
            self._stops = 0

    def stop(self, now: float, seconds: float = 0.0, *, until_reset: bool = False) -> None:
        """The limit is reached: ask nothing for so long, until it is counted anew or, if neither is told, for a little
        while, and for twice as long each time that this was not enough."""
        if until_reset and self._meter is not None:
            seconds = max(seconds, self._meter.empty(now))
        if not seconds:
            if now < self._stopped_until:
                return  # requests that hit the limit together stop once
            seconds = min(FIRST_STOP_SECONDS * 2**self._stops, LONGEST_STOP_SECONDS)
            self._stops = min(self._stops + 1, 30)
        self._stopped_until = max(self._stopped_until, now + seconds)
        self._pause = 0.0

    def recall(self, day: str, spent: int) -> None:
        """So much was spent on that day before this process began."""
        if isinstance(self._meter, _Day):
            self._meter.recall(day, spent)

    def today(self) -> str | None:
        """The day of a limit that counts days, by which what was spent is remembered."""
        return self._meter.today() if isinstance(self._meter, _Day) else None


def _pause(usage: Usage, regain_seconds: float) -> float:
    """Seconds from one request to the next."""
    if usage.ratio <= SLOW_FROM or usage.ratio >= 1:
        return 0.0
    if usage.left is not None and regain_seconds:
        return regain_seconds / max(usage.left, 1)
    return SLOWEST_SECONDS * (usage.ratio - SLOW_FROM) / (1 - SLOW_FROM)


class _Window:
    """A bucket that holds a part of what a window allows, and fills evenly."""

    def __init__(self, amount: float, seconds: float) -> None:
        self._most = max(1.0, amount * AT_ONCE)
        self._per_second = max(amount - self._most, amount * AT_ONCE) / seconds
        self._held = self._most
        self._at = 0.0

    def ready_at(self, now: float, cost: int) -> float:
        self._fill(now)
        missing = min(cost, self._most) - self._held
        return now if missing <= 0 else now + missing / self._per_second

    def spend(self, now: float, cost: int) -> None:
        self._fill(now)
        self._held -= cost

    def empty(self, now: float) -> float:
        """Nothing is left: how long until the bucket is full."""
        self._fill(now)
        self._held = min(self._held, 0.0)
        return (self._most - self._held) / self._per_second

    def _fill(self, now: float) -> None:
        self._held = min(self._most, self._held + max(0.0, now - self._at) * self._per_second)
        self._at = max(self._at, now)


class _Day:
    """An amount that comes back at midnight: a part of it at any time, the rest as the day goes on."""

    def __init__(self, amount: float, zone: str, clock_ms: Callable[[], int], speed: float) -> None:
        self._amount = amount
        self._speed = speed
        self._zone = ZoneInfo(zone)
        self._clock_ms = clock_ms
        self._spent: dict[str, float] = {}

    def today(self) -> str:
        return self._local().date().isoformat()

    def recall(self, day: str, spent: int) -> None:
        self._spent[day] = self._spent.get(day, 0.0) + spent

    def ready_at(self, now: float, cost: int) -> float:
        local = self._local()
        begins, ends = _bounds(local)
        length = (ends - begins).total_seconds()
        past = (local - begins).total_seconds()
        wanted = self._spent.get(local.date().isoformat(), 0.0) + cost
        if wanted > self._amount:
            return now + (length - past) / self._speed
        free_at = length * max(0.0, wanted / self._amount - DAYS_FREE) / (1 - DAYS_FREE)
        return now + max(0.0, free_at - past) / self._speed

    def spend(self, now: float, cost: int) -> None:
        del now
        today = self.today()
        self._spent = {today: self._spent.get(today, 0.0) + cost}

    def empty(self, now: float) -> float:
        del now
        self._spent = {self.today(): self._amount}
        return 0.0

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self._clock_ms() / 1000, UTC).astimezone(self._zone)


def _bounds(local: datetime) -> tuple[datetime, datetime]:
    """Both midnights around an instant, in UTC: a day may have 23 or 25 hours."""
    begins = datetime.combine(local.date(), time(), local.tzinfo)
    ends = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def _meter(limit: Limit, share: float, clock_ms: Callable[[], int], speed: float) -> _Window | _Day | None:
    if limit.amount is None:
        return None
    if limit.zone is not None:
        return _Day(limit.amount * share, limit.zone, clock_ms, speed)
    return _Window(limit.amount * share, limit.seconds)
