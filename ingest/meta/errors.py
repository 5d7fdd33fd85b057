"""What the Graph API's errors call for. Dispatch is on the presence of `error`, since some come with status 200."""

import msgspec
from msgspec import Struct

from ingest.platforms import Action, Failure

_LIMITS = frozenset((4, 17, 32, 341, 613, *range(80_000, 80_015)))
_TOKEN = frozenset((102, 190))
_FORBIDDEN = frozenset((3, 10, 368, *range(200, 300)))
_RETRY = frozenset((1, 2, 99, 104, 960))
_REFUSED = frozenset((100, 506))


class Error(Struct):
    """The platform's own words; 0 is no code of its."""

    code: int = 0
    error_subcode: int | None = None
    is_transient: bool | None = None
    message: str | None = None


class _Body(Struct):
    error: Error | None = None


_decode = msgspec.json.Decoder(_Body).decode


def failure(status: int, body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good.

    What is no JSON (a proxy's page, a cut body) is worth a retry; a client error without a body is not.
    """
    try:
        error = _decode(body).error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Failure("retry", f"http_{status}" if status != 200 else "not_json")
    if error is None:
        return None if status == 200 else Failure(_by_status(status), f"http_{status}")
    return Failure(_action(status, error), str(error.code))


def told(body: bytes) -> Error:
    """The error in an answer; an empty one if there is none."""
    try:
        return _decode(body).error or Error()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Error()


def _action(status: int, error: Error) -> Action:
    if error.code in _LIMITS:
        return "wait"
    if "reduce the amount of data" in (error.message or "").lower():
        return "smaller"
    if error.is_transient or error.code in _RETRY or error.error_subcode == 99:
        return "retry"
    if error.code in _TOKEN:
        return "reauthorise"
    if error.code in _FORBIDDEN:
        return "forbidden"
    if error.code in _REFUSED:
        return "refuse"
    return _by_status(status)


def _by_status(status: int) -> Action:
    if status in (401, 403):
        return "reauthorise" if status == 401 else "forbidden"
    if status == 429:
        return "wait"
    return "refuse" if 400 <= status < 500 and status != 408 else "retry"
