"""How each source of the pipeline fares: one record a source on `ingest.health`, so that none goes silent unnoticed.

A source is named `platform:account:name`, and one process alone writes of it: the poller of what it polls, the receiver
of an account's webhooks (`webhook`), a runner of its stream, whoever renews a subscription of its lease (`lease`).
"""

from typing import Literal, NamedTuple

from msgspec import Struct

from contracts.events import Instant

HealthKind = Literal["poll", "webhook", "stream"]
HealthState = Literal["unknown", "healthy", "degraded", "failing"]
"""unknown: nothing was heard of it yet. degraded: it works with a flaw, or is tried again. failing: it does not."""

PROBLEMS: dict[str, str] = {
    "token_expired": "The platform no longer takes the token. Make a new one; a token file is read again by itself.",
    "no_token": "The token file cannot be read, or holds what no header can carry.",
    "permission_lost": "The token is good, but may not read this. Give the permission, or the role at the platform.",
    "rate_limited": "The limit of requests is spent. It goes on by itself when the platform says so.",
    "unreachable": "No answer comes: network, name or certificate. It is tried again.",
    "platform_error": "The platform answers with errors, or with what cannot be read. It is tried again.",
    "kafka_away": "What was read could not be written. It is read again.",
    "lease_lapsed": "The subscription's lease has ended and was not renewed: nothing is pushed.",
    "subscription_deleted": "The platform has no subscription of ours any more: nothing is pushed.",
    "disconnected": "The stream is not connected. It is tried again.",
    "quiet": "Nothing has come for longer than is usual for this source.",
    "gap": "What occurred in a stretch of time was missed and is not read back yet.",
}
"""Every word for what is wrong with a source, and what follows from it. A word here is a label and a column value."""


class Watched(NamedTuple):
    """A source: whose it is, and what it is called among those of its account."""

    platform: str
    account_id: str
    name: str
    kind: HealthKind

    @property
    def source(self) -> str:
        """Its name among all sources, the same as its cursor's if it has one."""
        return f"{self.platform}:{self.account_id}:{self.name}"


class SourceHealth(Struct, frozen=True, omit_defaults=True):
    """What is known of a source. Topic `ingest.health`, key `source`; the newest record counts.

    `recorded_at`, `since` and `last_success_at` are our wall clock, all other times the platform's. `since`: when the
    state or its problem became what it is. `last_event_at`: the newest event that it brought. `usual_gap_ms`: the
    longest silence that is usual where this one began; `quiet_since`: when the present one became longer than that.
    What occurred from `gap_from` to before `gap_until` was missed, until `backfilled_at` says that it was read back.
    `silences` is what the habit is made of: hour since the epoch -> the longest silence that began in it.
    """

    schema: int
    source: str
    platform: str
    account_id: str
    kind: HealthKind
    state: HealthState
    recorded_at: int
    since: int
    problem: str | None = None
    last_success_at: int | None = None
    last_event_at: Instant | None = None
    usual_gap_ms: int | None = None
    quiet_since: int | None = None
    token_expires_at: Instant | None = None
    lease_expires_at: Instant | None = None
    gap_from: Instant | None = None
    gap_until: Instant | None = None
    backfilled_at: int | None = None
    silences: dict[int, int] = {}
