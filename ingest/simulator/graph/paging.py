"""Pages of a listing: opaque cursors that name the last item seen, and so die with it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from ingest.simulator.graph.errors import invalid_cursor

T = TypeVar("T")


class Slice(NamedTuple):
    """A page of a listing: first and last place in it, and whether more follows."""

    start: int
    end: int
    more: bool


def cut(items: Sequence[T], limit: int, after: str | None, name: Callable[[T], str]) -> Slice:
    """The page behind the cursor; raises if what the cursor names is no longer listed."""
    start = 0
    if after and (wanted := decode(after)):
        start = next((place + 1 for place, item in enumerate(items) if name(item) == wanted), 0)
        if not start:
            raise invalid_cursor()
    end = min(start + limit, len(items))
    return Slice(start, end, end < len(items))


def encode(name: str, salt: int = 0) -> str:
    """A cursor behind that item; an empty name is the beginning. Salt makes another cursor for the same place."""
    return urlsafe_b64encode(f"{salt}:{name}".encode()).decode().rstrip("=")


def decode(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")[2]
    except (Error, UnicodeDecodeError, ValueError):
        raise invalid_cursor() from None
