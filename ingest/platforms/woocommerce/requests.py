"""What is asked of a shop, and what its errors call for."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from ingest.platforms import Failure, Request

WEBHOOKS_A_PAGE = 100


class _Error(Struct):
    code: str | int | None = None


_decode = msgspec.json.Decoder(_Error | list[msgspec.Raw]).decode


def authorise(token: str, _secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The header that carries the key, `ck_...:cs_...`; it is never a parameter.

    >>> authorise("ck_1:cs_1", ())
    ({'Authorization': 'Basic Y2tfMTpjc18x'}, {})
    """
    return {"Authorization": "Basic " + b64encode(token.encode()).decode()}, {}


def orders(since: int, page: int, size: int) -> Request:
    """Orders that were changed in the second of `since` (epoch milliseconds) or later, the oldest change first."""
    after = datetime.fromtimestamp(since // 1000 - 1, UTC)  # what is asked for lies after it
    return Request(
        "/orders",
        {
            "modified_after": after.strftime("%Y-%m-%dT%H:%M:%S"),
            "dates_are_gmt": "true",
            "orderby": "modified",
            "order": "asc",
            "status": "any",
            "per_page": str(size),
            "page": str(page),
        },
    )


def webhooks(page: int) -> Request:
    """What the shop pushes, and where to."""
    return Request("/webhooks", {"per_page": str(WEBHOOKS_A_PAGE), "page": str(page)}, is_optional=True)


def failure(status: int, body: bytes) -> Failure | None:
    """The failure that an answer reports, or None if it is good. A plugin's or a proxy's page is worth a retry."""
    try:
        told = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = None
    if status == 200:
        return None if isinstance(told, list) else Failure("retry", "no_listing")
    code = told.code if isinstance(told, _Error) and isinstance(told.code, str) else ""
    word = code if code.isascii() and code.replace("_", "").isalnum() and len(code) <= 64 else f"http_{status}"
    if status == 401:
        return Failure("reauthorise", word)
    if status in (403, 404):
        return Failure("forbidden", word)
    if status == 429:
        return Failure("wait", word)
    return Failure("refuse" if 400 <= status < 500 and status != 408 else "retry", word)
