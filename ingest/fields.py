"""Fields as platforms write them, checked and cleaned: ids, times, text.

`Unusable` never leaves a platform: the functions that parse turn it into a `Refuse`.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.events import LARGEST_FIGURE

EARLIEST = 1_072_915_200_000
"""2004-01-01: nothing on any platform is older."""
LATEST = 253_370_764_800_000
"""9999-01-01: beyond it neither dates nor Postgres's timestamps are safe."""
FUTURE_MS = 5 * 60_000
LONGEST_ID = 255
LONGEST_TEXT = 65_536
MOST_WORDS = 50
"""Hashtags, mentions and links that are kept of one text."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_HASHTAG = re.compile(r"(?<![\w&/#])#(\w{1,100})")
_MENTION = re.compile(r"(?<![\w@.])@(\w[\w.]{0,99})")
_LINK = re.compile(r"https?://[^\s<>\"\x00-\x1f]{1,1000}", re.IGNORECASE)


class Unusable(Exception):
    """Something that cannot be used: `reason` is a word of `contracts.reasons`, `detail` names the field alone.

    `body` is what to keep of it, if that is not all that is being parsed.
    """

    def __init__(self, reason: str, detail: str, body: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.body = body


def identifier(value: str | int | None, name: str) -> str | None:
    """An id as a string; older shapes write numbers. Absent is None; what cannot be an id is refused."""
    if value is None:
        return None
    text = str(value) if isinstance(value, int) else value
    if not 0 < len(text) <= LONGEST_ID:
        raise Unusable("invalid_field", f"{name}: 1 to {LONGEST_ID} characters")
    if "\0" in text or (not text.isascii() and _SURROGATE.search(text)):
        raise Unusable("invalid_text", name)
    if not text.isprintable() and _CONTROL.search(text):
        raise Unusable("invalid_field", f"{name}: control characters")
    return text


def required(value: str | int | None, name: str) -> str:
    """An id that must be there."""
    text = identifier(value, name)
    if text is None:
        raise Unusable("missing_field", name)
    return text


def word(value: str | None, name: str, longest: int) -> str | None:
    """A short text that is kept as it is: a type, an address."""
    if value is not None and (len(value) > longest or not value.isprintable()):
        raise Unusable("invalid_field", name)
    return value


def from_seconds(value: int, name: str, received_at: int) -> int:
    """Epoch milliseconds of a webhook's epoch seconds, checked against the range and the receipt."""
    return checked(value * 1000, name, received_at)


def from_iso(value: str, name: str, received_at: int) -> int:
    """Epoch milliseconds of the Graph API's `2026-03-01T10:00:00+0000`; a time without its zone is refused."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Unusable("invalid_time", name) from None
    if moment.tzinfo is None:
        raise Unusable("invalid_time", f"{name}: no zone")
    return checked(int((moment - _EPOCH).total_seconds()) * 1000, name, received_at)


_EPOCH = datetime.fromtimestamp(0, UTC)


def checked(at: int, name: str, received_at: int) -> int:
    """`at` itself, unless it lies outside what any clock of the platform may say."""
    if not EARLIEST <= at < LATEST:
        raise Unusable("invalid_time", name)
    if at > received_at + FUTURE_MS:
        raise Unusable("future_time", name)
    return at


def bounded(value: int, name: str, reason: str = "invalid_field") -> int:
    """`value` itself, unless it is larger than a figure may be, with either sign."""
    if abs(value) > LARGEST_FIGURE:
        raise Unusable(reason, f"{name}: beyond {LARGEST_FIGURE:.0e}")
    return value


def cleaned(text: str) -> str:
    """Text that every store accepts: NUL is removed, half a surrogate pair becomes U+FFFD."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return _SURROGATE.sub("\ufffd", text).replace("\0", "")


class Text(NamedTuple):
    """What is kept of a text: its length in characters, and the words with a sign, in order."""

    length: int
    hashtags: tuple[str, ...]
    mentions: tuple[str, ...]
    links: tuple[str, ...]
    text: str


def described(text: str, name: str) -> Text:
    """Length, hashtags (lower case), mentions and links of a text.

    >>> described("See @ann. #Spring #sale https://ex.test/a.", "message")[:4]
    (42, ('spring', 'sale'), ('ann',), ('https://ex.test/a',))
    """
    text = cleaned(text)
    if len(text) > LONGEST_TEXT:
        raise Unusable("oversized", f"{name}: {len(text)} characters")
    links = tuple(link.rstrip(".,;:!?)]}'") for link in _LINK.findall(text)) if "://" in text else ()
    hashtags = tuple(word.lower() for word in _HASHTAG.findall(text)) if "#" in text else ()
    mentions = tuple(word.rstrip(".") for word in _MENTION.findall(text)) if "@" in text else ()
    return Text(len(text), hashtags[:MOST_WORDS], mentions[:MOST_WORDS], links[:MOST_WORDS], text)
