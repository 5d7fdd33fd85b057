"""What Mastodon's errors call for, and what its headers say of the limit. Errors have no words but their status."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.platforms import Action, Failure, Usage

GONE = frozenset(("http_404", "http_410"))
"""What was asked for is there no more; that costs only itself."""

_ACTIONS: dict[int, Action] = {401: "reauthorise", 403: "forbidden", 408: "retry", 429: "wait"}


def failure(status: int, _body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good."""
    if status == 200:
        return None
    if status in _ACTIONS:
        return Failure(_ACTIONS[status], f"http_{status}", until_reset=status == 429)
    return Failure("refuse" if 400 <= status < 500 else "retry", f"http_{status}")


def usage(headers: Mapping[str, str]) -> Usage | None:
    """How much of the limit is spent, and in how many seconds it is counted anew by the server's own clock.

    >>> usage({"x-ratelimit-limit": "300", "x-ratelimit-remaining": "75",
    ...        "x-ratelimit-reset": "2026-09-21T14:20:00.000000Z", "date": "Mon, 21 Sep 2026 14:15:00 GMT"})
    Usage(ratio=0.75, regain_seconds=300.0, per='account', left=75)
    """
    try:
        limit, remaining = int(headers["x-ratelimit-limit"]), int(headers["x-ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    if limit <= 0:
        return None
    return Usage(min(1.0, max(0.0, 1 - remaining / limit)), _seconds_left(headers), left=remaining)


def _seconds_left(headers: Mapping[str, str]) -> float:
    """0: not told."""
    try:
        reset = datetime.fromisoformat(headers["x-ratelimit-reset"])
        now = parsedate_to_datetime(headers["date"])
        return max(0.0, (reset.astimezone(UTC) - now.astimezone(UTC)).total_seconds())
    except (KeyError, ValueError, OverflowError):
        return 0.0
