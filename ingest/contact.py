"""Addresses and telephone numbers as what they are to a customer's identity: normalised, hashed, never kept.

Normalised as the ad platforms define it for matching (trimmed, lower case; digits with the country's code) and hashed
with SHA-256, so that a site that hashes in the browser and a shop that does not name the same person.
"""

import re
from hashlib import sha256

LONGEST = 320

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_HASH = re.compile(r"[0-9a-f]{64}")
_FILLING = re.compile(r"[\s()./-]")
_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")


def email(text: object) -> str | None:
    """The hash of an e-mail address; one that is hashed already is itself. None for what is no address.

    >>> email(" Ann@X.test ") == email("ann@x.test") == email(email("ann@x.test").upper())
    True
    """
    normal = _normal(text)
    if normal is None or _HASH.fullmatch(normal):
        return normal
    return _hashed(normal) if _EMAIL.fullmatch(normal) else None


def phone(text: object) -> str | None:
    """The hash of a telephone number with its country's code; one that is hashed already is itself.

    A number without the code is another one in each country, so it is nobody's.

    >>> phone("+49 (30) 123-4567") == phone("0049301234567"), phone("030 1234567")
    (True, None)
    """
    normal = _normal(text)
    if normal is None or _HASH.fullmatch(normal):
        return normal
    digits = _INTERNATIONAL.fullmatch(_FILLING.sub("", normal))
    return _hashed(digits[1]) if digits else None


def person(text: str) -> str:
    """What a customer is called before the pseudonym is made, given an address, a number, or that name itself."""
    return email(text) or phone(text) or text


def _normal(text: object) -> str | None:
    normal = text.strip().lower() if isinstance(text, str) else ""
    return normal if 0 < len(normal) <= LONGEST and normal.isprintable() else None


def _hashed(normal: str) -> str:
    return sha256(normal.encode()).hexdigest()
