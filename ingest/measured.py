"""What platforms report as numbers: a value of a post, or of the account itself, and the snapshot that says it."""

from typing import NamedTuple

from contracts.events import LIFETIME, SCHEMA, Scope, Snapshot, ValueState
from ingest.inputs import Receipt


class Measured(NamedTuple):
    """A value that the platform reports, or why there is none."""

    metric: str
    value: int | None
    state: ValueState


def counter(metric: str, value: int | None) -> Measured:
    """A counter; one that is missing says nothing."""
    return Measured(metric, value, "unavailable" if value is None else "known")


def snapshot(
    platform: str,
    account: str,
    post_id: str | None,
    told: Measured,
    as_of: int,
    receipt: Receipt,
    *,
    scope: Scope = "total",
    window: str = LIFETIME,
    source_end_time: int | None = None,
) -> Snapshot:
    """The value as it is kept. `as_of` is the platform's clock, `source_end_time` where it says that the window ends,
    both in epoch milliseconds.
    """
    return Snapshot(
        schema=SCHEMA,
        platform=platform,
        account_id=account,
        post_id=post_id,
        metric=told.metric,
        scope=scope,
        window=window,
        value=told.value,
        value_state=told.state,
        as_of=as_of,
        received_at=receipt.received_at,
        poll_id=receipt.source_id,
        source_end_time=source_end_time,
    )
