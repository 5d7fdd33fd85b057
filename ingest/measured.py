"""What platforms report as numbers: a value of a post, or of the account itself, and the snapshot that says it."""

from dataclasses import dataclass

from contracts.events import LIFETIME, SCHEMA, Scope, Snapshot, ValueState
from ingest.fields import Unusable, bounded
from ingest.inputs import Receipt


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that the platform reports, or why there is none. Raises `Unusable` if it is larger than any can be."""

    metric: str
    value: int | None
    state: ValueState

    def __post_init__(self) -> None:
        if self.value is not None:
            bounded(self.value, self.metric)


def counter(metric: str, value: int | None, absent: ValueState = "unavailable") -> Measured:
    """A counter; `absent` is what it means that there is none, which is never 0. Raises `Unusable`."""
    if value is not None and value < 0:
        raise Unusable("invalid_field", f"{metric}: below 0")
    return Measured(metric, value, absent if value is None else "known")


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
