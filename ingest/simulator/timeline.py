"""How long a world lasts, and the clock that plays it."""

from runtime.clock import Clock

DAY_SECONDS = 86_400
DAYS = 2.5
"""How long a world lasts if nobody says: less than minute rows are kept, so that no fact comes too late for one."""

_MARGIN_MS = 1_000


def span_seconds(days: float) -> int:
    return int(days * DAY_SECONDS)


def virtual_clock(starts_at_wall_ms: int, seconds: float, days: float = DAYS) -> Clock:
    """A clock that plays so many days in `seconds` from that instant on, and ends just before the wall clock.

    The instant may lie ahead: every process can be given the clock before the world begins.
    """
    ends_at = starts_at_wall_ms + int(seconds * 1000) - _MARGIN_MS
    span = span_seconds(days)
    begins_at = (ends_at - span * 1000) // 1000 * 1000
    return Clock(begins_at, starts_at_wall_ms, span / seconds)
