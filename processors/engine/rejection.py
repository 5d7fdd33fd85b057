"""From a rejected record to its dead letter."""

from importlib.metadata import version

from contracts import dead_letters
from contracts.events import DeadLetter
from processors.engine.state import Rejected
from runtime.seal import Sealer

CODE_VERSION = version("engagement-pipeline")
LONGEST_BODY = 512 * 1024
LONGEST_KEY = 4096


def dead_letter(rejected: Rejected, partition: int, sealer: Sealer, now_ms: int) -> DeadLetter:
    """Keep what was rejected, sealed, with its place and reason.

    A dead letter is a record too, and larger than its content: of a longer value it holds the beginning, and says so.
    """
    body = rejected.value or b""
    detail = rejected.detail
    if len(body) > LONGEST_BODY:
        detail = f"{detail}; only the first {LONGEST_BODY} of {len(body)} bytes are kept"
        body = body[:LONGEST_BODY]
    key = rejected.key
    return dead_letters.from_record(
        stage="processor",
        reason=rejected.reason,
        detail=detail,
        topic=rejected.topic,
        partition=partition,
        offset=rejected.offset,
        key=key if key is None or len(key) <= LONGEST_KEY else None,
        sealed=sealer.seal(body),
        received_at=now_ms,
        code_version=CODE_VERSION,
    )
