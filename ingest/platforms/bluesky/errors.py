"""What Bluesky's errors call for, and how much of its limit is spent."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import msgspec
from msgspec import Struct

from ingest.platforms import Action, Failure, Usage

_NAMES: dict[str, Action] = {
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"), "reauthorise"),
    **dict.fromkeys(("AccountTakedown", "AccountDeactivated", "AccountSuspended"), "forbidden"),
    "RateLimitExceeded": "wait",
    **dict.fromkeys(("UpstreamFailure", "UpstreamTimeout", "InternalServerError"), "retry"),
}
_WINDOW_SECONDS = 300.0


class _Body(Struct):
    error: str | None = None


_decode = msgspec.json.Decoder(_Body).decode


def failure(status: int, body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good. What is no JSON is judged by its status."""
    try:
        name = _decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Failure(_by_status(status), f"http_{status}") if status != 200 else Failure("retry", "not_json")
    if status == 200:
        return None if name is None else Failure("retry", "error_in_200")
    word = name if name is not None and name.isascii() and name.isalnum() and len(name) <= 64 else f"http_{status}"
    return Failure(_NAMES.get(word, _by_status(status)), word)


def _by_status(status: int) -> Action:
    if status in (401, 403):
        return "reauthorise" if status == 401 else "forbidden"
    if status == 429:
        return "wait"
    return "refuse" if 400 <= status < 500 and status != 408 else "retry"


def usage(headers: Mapping[str, str]) -> Usage | None:
    """How much of the requests is spent, and when they come back: `ratelimit-reset` is a time in epoch seconds."""
    try:
        limit, remaining = int(headers["ratelimit-limit"]), int(headers["ratelimit-remaining"])
    except (KeyError, ValueError):
        return None
    if limit <= 0:
        return None
    left = min(max(remaining, 0), limit)
    return Usage(1 - left / limit, _regain(headers), per="host", left=left)


def _regain(headers: Mapping[str, str]) -> float:
    """Seconds until the window is over; a clock that is far off is not believed."""
    try:
        seconds = float(headers["ratelimit-reset"]) - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _WINDOW_SECONDS) if math.isfinite(seconds) else 0.0
