"""Codes that made an order cheaper: one spelling, whoever writes them, a shop, a site or a list of ambassadors."""

import unicodedata
from collections.abc import Iterable

from ingest.fields import cleaned

LONGEST = 255
MOST = 20
"""Codes of one order; a shop lets a few be combined."""


def code(value: object) -> str | None:
    """One code: NFC, lower case, trimmed. None for what cannot be one: a cut one would be another one.

    >>> code(" Lena10 "), code(""), code(10)
    ('lena10', None, None)
    """
    if not isinstance(value, str) or len(value) > 2 * LONGEST:
        return None
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", cleaned(value)).lower()).strip()
    return text if 0 < len(text) <= LONGEST and text.isprintable() else None


def of_lines(lines: object) -> tuple[str, ...]:
    """The codes of a list of objects that each have a `code`, sorted, each once; of too many the first by name.

    What is no such list or object has none, for an order counts without.

    >>> of_lines([{"code": "Lena10"}, {"code": "autumn"}, {"code": " LENA10"}, {}, None])
    ('autumn', 'lena10')
    """
    found = [one.get("code") for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []
    return of_words(found)


def of_words(words: Iterable[object]) -> tuple[str, ...]:
    """The codes among these, sorted, each once."""
    return tuple(sorted({found for word in words if (found := code(word)) is not None})[:MOST])
