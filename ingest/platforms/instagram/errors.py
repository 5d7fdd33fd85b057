"""What is Instagram's own among the errors of the Graph API."""

from ingest.meta import errors
from ingest.platforms import Failure

NO_INSIGHTS = "no_insights"
"""`Failure.code` of a media that has no insights: too few viewers, or older than the professional account."""

_PERMISSION = 10
_BEFORE_CONVERSION = 2108006


def failure(status: int, body: bytes) -> Failure | None:
    """As for every Graph API, but code 10 is not always about a permission."""
    found = errors.failure(status, body)
    if found is None:
        return None
    error = errors.told(body)
    is_too_few = error.code == _PERMISSION and "not enough viewers" in (error.message or "").lower()
    if is_too_few or error.error_subcode == _BEFORE_CONVERSION:
        return Failure("refuse", NO_INSIGHTS)
    return found
