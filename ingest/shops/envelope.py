"""A delivery whose headers say what it is, as one input: a line of JSON for what they say, then the body as it is."""

from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from contracts.outcome import Outcome, Refuse
from ingest.fields import Unusable
from ingest.platforms import Delivery, Fact, Part, Receipt
from ingest.wire import Unreadable, converted, dumps, loads

Head = Mapping[str, str]
Told = tuple[str | None, Iterable[Outcome[Fact]]]
"""Whose delivery it is, if that is known, and what it says."""


def enveloped(head: Head, body: bytes) -> bytes:
    """One input; `head` holds nothing that a redelivery changes, so that it is the same again.

    >>> enveloped({"topic": "orders/paid"}, b"{}")
    b'{"topic":"orders/paid"}\\n{}'
    """
    return dumps(head) + b"\n" + body


def of_headers(**names: str) -> Callable[[Delivery], bytes]:
    """How a delivery is enveloped: each word of the head with the header that says it."""
    return lambda delivery: enveloped(
        {word: delivery.headers.get(header, "") for word, header in names.items()}, delivery.body
    )


def opened(data: bytes) -> tuple[Head, bytes]:
    """Head and body of an input. Raises `Unreadable`."""
    line, _, body = data.partition(b"\n")
    try:
        return converted(loads(line), dict[str, str]), body
    except msgspec.ValidationError:
        raise Unreadable from None


def parts(data: bytes, receipt: Receipt, read: Callable[[Head, bytes, Receipt], Told]) -> Iterator[Part]:
    """Every part of an input. `read` may raise `Unusable` at any time; what was told until then stands.

    Whatever is refused is kept with the whole input: what it says besides says the same again when it is replayed.
    """
    account_id: str | None = None
    try:
        head, body = opened(data)
        account_id, outcomes = read(head, body, receipt)
        for outcome in outcomes:
            yield Part(outcome, account_id, data if isinstance(outcome, Refuse) else b"")
    except Unreadable:
        yield Part(Refuse("unreadable_body", "no envelope"), None, data, whole=True)
    except Unusable as error:
        is_whole = error.reason == "unreadable_body"
        yield Part(Refuse(error.reason, error.detail), account_id, data, whole=is_whole)
