"""How a dead letter is named and made, the same in every stage."""

from typing import Literal

from contracts import identity
from contracts.events import SCHEMA, DeadLetter


def from_input(
    *,
    origin: Literal["delivery", "change", "poll"],
    reason: str,
    detail: str,
    body: bytes,
    sealed: bytes,
    received_at: int,
    code_version: str,
    platform: str,
    account_id: str | None = None,
) -> DeadLetter:
    """A dead letter for what a platform sent. Its id is made of origin and body, so that repeats collapse."""
    return DeadLetter(
        schema=SCHEMA,
        dead_letter_id=identity.digest(origin, platform, body.hex()),
        stage="ingest",
        origin=origin,
        reason=reason,
        detail=detail,
        sealed=sealed,
        received_at=received_at,
        code_version=code_version,
        platform=platform,
        account_id=account_id,
    )


def from_record(
    *,
    stage: Literal["processor", "sink"],
    reason: str,
    detail: str,
    topic: str,
    partition: int,
    offset: int,
    key: bytes | None,
    sealed: bytes,
    received_at: int,
    code_version: str,
) -> DeadLetter:
    """A dead letter for a record of a topic. Its id is the record's place."""
    return DeadLetter(
        schema=SCHEMA,
        dead_letter_id=identity.digest(topic, str(partition), str(offset)),
        stage=stage,
        origin="record",
        reason=reason,
        detail=detail,
        sealed=sealed,
        received_at=received_at,
        code_version=code_version,
        topic=topic,
        partition=partition,
        offset=offset,
        key=key,
    )
