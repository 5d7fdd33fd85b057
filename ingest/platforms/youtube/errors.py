"""What the Data API's errors call for. The first `reason` decides, for most of them come with status 403."""

import msgspec
from msgspec import Struct

from ingest.platforms import Action, Failure

COMMENTS_DISABLED = "commentsDisabled"
GONE = frozenset(("videoNotFound", "playlistNotFound", "commentNotFound", "parentCommentNotFound"))
"""What was asked for is there no more; that costs only itself."""

QUOTA_UNITS, QUOTA_ZONE = 10_000, "America/Los_Angeles"
"""What a project may spend in a day, all its channels together, and where that day begins at midnight."""
_SPENT = frozenset(("quotaExceeded", "dailyLimitExceeded"))

_REASONS: dict[str, Action] = {
    **dict.fromkeys(("quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"), "wait"),
    **dict.fromkeys(("backendError", "internalError", "processingFailure", "serviceUnavailable"), "retry"),
    **dict.fromkeys(("authError", "keyInvalid", "keyExpired", "API_KEY_INVALID"), "reauthorise"),
    **dict.fromkeys((COMMENTS_DISABLED, *GONE), "refuse"),
}


class _Item(Struct):
    reason: str | None = None


class _Error(Struct):
    """`details` name what is wrong with a key, whose `errors` say no more than `badRequest`."""

    errors: list[_Item] = []
    details: list[_Item] = []


class _Body(Struct):
    error: _Error | None = None


_decode = msgspec.json.Decoder(_Body).decode


def failure(status: int, body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good.

    What is no JSON (a proxy's page, a cut body) is judged by its status; with status 200 it is worth a retry.
    """
    try:
        error = _decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Failure(_by_status(status), f"http_{status}") if status != 200 else Failure("retry", "not_json")
    if error is None:
        return None if status == 200 else Failure(_by_status(status), f"http_{status}")
    reasons = [item.reason for item in (*error.details, *error.errors) if item.reason]
    known = next((reason for reason in reasons if reason in _REASONS), None)
    if known is not None:
        return Failure(_REASONS[known], known, until_reset=known in _SPENT)
    return Failure(_by_status(status), reasons[-1] if reasons and _is_word(reasons[-1]) else f"http_{status}")


def _is_word(reason: str) -> bool:
    """A code goes into logs: nothing but a short name may."""
    return reason.isascii() and reason.isalnum() and len(reason) <= 64


def _by_status(status: int) -> Action:
    if status in (401, 403):
        return "reauthorise" if status == 401 else "forbidden"
    if status == 429:
        return "wait"
    return "refuse" if 400 <= status < 500 and status != 408 else "retry"
