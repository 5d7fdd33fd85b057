"""Whether a platform still pushes to us: some drop a subscription without a word, and tell only who asks."""

from ingest.platforms import PollFailed, State

SUBSCRIBED_AT = "subscribed_at"
"""Name in a source's state: when the subscription was last seen, on our clock, epoch milliseconds."""
MISSED_MS = 7 * 86_400_000
"""For how long a subscription that is gone is missed. After that its end was meant."""
DELETED = "subscription_deleted"


def seen(before: State, now: int, *, is_there: bool) -> State:
    """What to remember of it; raises `PollFailed` if it was there and is no more. What never was is not missed."""
    if is_there:
        return {SUBSCRIBED_AT: now}
    last = before.get(SUBSCRIBED_AT)
    if isinstance(last, int) and now - last < MISSED_MS:
        raise PollFailed(DELETED, needs_help=True)
    return {}
