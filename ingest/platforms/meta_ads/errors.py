"""What the Marketing API's errors call for, where they are not those of every Graph API. The subcode decides."""

from ingest.meta import errors
from ingest.platforms import Action, Failure

_SUBCODES: dict[int, Action] = {
    1487534: "smaller",
    1504018: "smaller",
    1504022: "wait",
    1996: "wait",
}
"""Too much was asked for at once, it took too long, insights are throttled for everybody, unusually many calls."""


def failure(status: int, body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good."""
    found = errors.failure(status, body)
    action = _SUBCODES.get(errors.told(body).error_subcode or 0) if found else None
    return found if found is None or action is None else Failure(action, found.code)
