"""The workload `engagement-5`: deliveries of engagement events, the same for the same seed.

200 deliveries a second of event time, so that a million take 83 minutes and cross midnight. A shorter run is the
beginning of a longer one.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Literal

import msgspec

ACCOUNTS, POSTS, ACTORS = 1_000, 20_000, 500_000
PLATFORMS = ("facebook", "instagram", "youtube", "tiktok", "linkedin")
START = 1_763_853_600_000
"""2025-11-22, 23:20 UTC, in epoch milliseconds."""
STEP_MS = 5
REPEATED, REMOVED, LATE = 0.03, 0.05, 0.02
RECENT = 100_000
"""What may be delivered again: so many of the newest deliveries."""
USUAL_DELAY_MS, LONGEST_DELAY_MS = 2_000, 600_000

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
TABLES = ("post-minute", "post-hour", "account-minute", "post-total", "account-day")
"""What is counted; a run's output topics are `<run>-<table>`."""

Kind = Literal["like", "comment", "share"]


class Delivered(msgspec.Struct):
    """The value of a record. Times in epoch milliseconds; a like that is removed counts -1."""

    event_id: str
    kind: Kind
    verb: Literal["add", "remove"]
    platform: str
    account_id: str
    post_id: str
    actor_id: str
    occurred_at: int
    received_at: int
    text: None = None
    parent_id: None = None
    source: str = "webhook"
    schema: int = 1


def deliveries(count: int, seed: int = 5) -> Iterator[tuple[bytes, bytes]]:
    """`count` deliveries in order, as key (the account) and value of a record."""
    rng = Random(seed)
    encode = msgspec.json.Encoder().encode
    recent: list[tuple[bytes, bytes]] = []
    for number in range(count):
        if recent and rng.random() < REPEATED:
            delivery = recent[int(len(recent) * rng.random())]
        else:
            event = _new(rng, number)
            delivery = event.account_id.encode(), encode(event)
        if len(recent) < RECENT:
            recent.append(delivery)
        else:
            recent[number % RECENT] = delivery
        yield delivery


def _new(rng: Random, number: int) -> Delivered:
    post = int(POSTS * rng.random() ** 3)  # a hundredth of the posts gets a fifth of the events
    account = post % ACCOUNTS
    platform = PLATFORMS[account % len(PLATFORMS)]
    dice = rng.random()
    kind: Kind = "like" if dice < 0.8 else "comment" if dice < 0.94 else "share"
    received_at = START + number * STEP_MS
    delay = LONGEST_DELAY_MS if rng.random() < LATE else USUAL_DELAY_MS
    return Delivered(
        event_id=f"{platform}:{number:012x}",
        kind=kind,
        verb="remove" if kind == "like" and rng.random() < REMOVED else "add",
        platform=platform,
        account_id=f"acct{account:04d}",
        post_id=f"post{post:05d}",
        actor_id=f"u{int(ACTORS * rng.random() ** 2):08d}",
        occurred_at=received_at - int(delay * rng.random()),
        received_at=received_at,
    )


def row(values: bytes) -> dict[str, Any]:
    """The value of an output record: `l`, `c` and `s` (likes, comments, shares), or `u` (different actors)."""
    decoded: dict[str, Any] = msgspec.json.decode(values)
    return decoded
