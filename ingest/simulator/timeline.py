"""How long a world lasts, and the clock that plays it."""

from runtime.clock import Clock

SPAN_SECONDS = 216_000
"""Two and a half days of the world: less than minute rows are kept, so that the ledger needs no retention."""

_MARGIN_MS = 1_000


def virtual_clock(starts_at_wall_ms: int, seconds: float) -> Clock:
    """A clock that plays the whole world in `seconds` from that instant on, and ends just before the wall clock.

    The instant may lie ahead: every process can be given the clock before the world begins.
    """
    ends_at = starts_at_wall_ms + int(seconds * 1000) - _MARGIN_MS
    begins_at = (ends_at - SPAN_SECONDS * 1000) // 1000 * 1000
    return Clock(begins_at, starts_at_wall_ms, SPAN_SECONDS / seconds)
