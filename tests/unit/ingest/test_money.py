"""Amounts are exact or refused."""

import pytest

from ingest import money
from ingest.fields import Unusable


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("49.90", 49_900_000),
        ("0", 0),
        ("0.00", 0),
        ("-10.00", -10_000_000),
        ("0.000001", 1),
        ("1.5000000000", 1_500_000),
        ("9876543210.34", 9_876_543_210_340_000),
        (7, 7_000_000),
        (49.9, 49_900_000),
        (0.1, 100_000),
        (-0.01, -10_000),
        (987654321.012345, 987_654_321_012_345),
    ],
)
def test_a_decimal_is_taken_exactly(written: money.Amount, micros: int) -> None:
    assert money.from_decimal(written, "total") == micros


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (None, "missing_field"),
        ("", "invalid_money"),
        (" 1", "invalid_money"),
        ("1\n", "invalid_money"),
        ("1,50", "invalid_money"),
        ("1.", "invalid_money"),
        (".5", "invalid_money"),
        ("+1", "invalid_money"),
        ("1e3", "invalid_money"),
        ("1_000", "invalid_money"),
        ("NaN", "invalid_money"),
        ("Infinity", "invalid_money"),
        ("١", "invalid_money"),
        ("€5", "invalid_money"),
        ("0.0000001", "invalid_money"),
        ("9" * 18, "invalid_money"),
        ("9" * 5000, "invalid_money"),
        (1e308, "invalid_money"),
        (1e22, "invalid_money"),
        (float("nan"), "invalid_money"),
        (0.1234567890123456, "invalid_money"),
        (2**63, "invalid_money"),
        (10**10 + 1, "invalid_money"),
        (True, "invalid_money"),
    ],
)
def test_what_is_no_plain_decimal_is_refused(written: money.Amount, reason: str) -> None:
    with pytest.raises(Unusable) as refused:
        money.from_decimal(written, "total")
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("minor", "code", "micros"),
    [
        (4990, "EUR", 49_900_000),
        (500, "JPY", 500_000_000),
        (5120, "KWD", 5_120_000),
        (12345, "CLF", 1_234_500),
        (-1, "USD", -10_000),
    ],
)
def test_minor_units_have_the_decimals_of_their_currency(minor: int, code: str, micros: int) -> None:
    assert money.from_minor(minor, code, "amount") == micros


def test_a_source_may_count_a_currency_in_its_own_way() -> None:
    assert money.from_minor(500, "UGX", "amount") == 500_000_000
    assert money.from_minor(500, "UGX", "amount", {}) == 5_000_000


@pytest.mark.parametrize("minor", [2**62, -(2**62), 10**30])
def test_minor_units_beyond_a_record_are_refused(minor: int) -> None:
    with pytest.raises(Unusable):
        money.from_minor(minor, "JPY", "amount")


@pytest.mark.parametrize("code", ["", "EU", "EURO", "€", "E R", "EUR\n", "ΕUR"])
def test_a_currency_has_three_letters(code: str) -> None:
    assert money.currency("eur", "currency") == "EUR"
    with pytest.raises(Unusable):
        money.currency(code, "currency")
