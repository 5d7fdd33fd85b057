"""Money as the sources write it -> micro-units (1.00 is 1,000,000), exactly: no float takes part.

What is no amount is refused, never guessed: an amount that is wrong by a factor of 100 looks like any other.
"""

import re
from collections.abc import Mapping

from ingest.fields import Unusable, bounded

Amount = str | int | float | None
"""An amount on the wire. A float is what JSON calls a number with a point: its shortest text is what was written."""

MICROS = 1_000_000
LONGEST_NUMBER = 15
"""Digits of a JSON number with a point that are sure to be as they were written."""

_DECIMAL = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,18}))?")
_CURRENCY = re.compile(r"[A-Za-z]{3}")


def each(codes: str, decimals: int) -> dict[str, int]:
    """So many decimals for each of the currencies."""
    return dict.fromkeys(codes.split(), decimals)


ISO_4217: Mapping[str, int] = {
    **each("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
    **each("BHD IQD JOD KWD LYD OMR TND", 3),
    **each("CLF UYW", 4),
}
"""Decimals of the minor unit, where they are not two."""


def currency(text: str | None, name: str) -> str:
    """A currency's three letters, as ISO 4217 writes them. Raises `Unusable`."""
    if text is None:
        raise Unusable("missing_field", name)
    if not _CURRENCY.fullmatch(text):
        raise Unusable("invalid_money", f"{name}: three letters")
    return text.upper()


def from_decimal(amount: Amount, name: str) -> int:
    """Micro-units of an amount in major units: a string, or a number. Raises `Unusable`.

    >>> from_decimal("49.90", "total"), from_decimal(-10, "total"), from_decimal(0.1, "total")
    (49900000, -10000000, 100000)
    """
    return payable(exact(amount, name), name)


def exact(amount: Amount, name: str) -> int:
    """Millionths of a plain decimal, whatever it counts and however large it is. Raises `Unusable`."""
    if amount is None:
        raise Unusable("missing_field", name)
    if isinstance(amount, bool):
        raise Unusable("invalid_money", f"{name}: no number")
    text = amount if isinstance(amount, str) else repr(amount)
    found = _DECIMAL.fullmatch(text)
    if found is None or (isinstance(amount, float) and len(text) - text.count("-") - 1 > LONGEST_NUMBER):
        raise Unusable("invalid_money", f"{name}: no plain decimal")
    sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
    if len(fraction) > 6:
        raise Unusable("invalid_money", f"{name}: more than six decimals")
    return int(f"{sign}{whole}{fraction:0<6}")


def from_minor(amount: int | None, code: str, name: str, decimals: Mapping[str, int] = ISO_4217) -> int:
    """Micro-units of an amount in minor units; `decimals` says how many decimals a currency has, if not two.

    >>> from_minor(4990, "EUR", "amount"), from_minor(4990, "JPY", "amount"), from_minor(4990, "KWD", "amount")
    (49900000, 4990000000, 4990000)
    """
    if amount is None:
        raise Unusable("missing_field", name)
    return payable(amount * 10 ** (6 - decimals.get(code, 2)), name)


def at_least_nothing(micros: int, name: str) -> int:
    """`micros` itself, unless it is negative. Raises `Unusable`."""
    if micros < 0:
        raise Unusable("invalid_money", f"{name}: negative")
    return micros


def payable(micros: int, name: str) -> int:
    """`micros` itself, unless it is more than anybody pays. Raises `Unusable`."""
    return bounded(micros, name, "invalid_money")
