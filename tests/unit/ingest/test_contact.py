"""Addresses and numbers of customers, as the ad platforms define their hashes."""

from hashlib import sha256

import pytest

from ingest import contact

ANN = sha256(b"ann@x.test").hexdigest()
NUMBER = sha256(b"493012345678").hexdigest()


@pytest.mark.parametrize("text", ["ann@x.test", " Ann@X.Test\t", ANN, ANN.upper(), f" {ANN} "])
def test_one_address_has_one_hash(text: str) -> None:
    assert contact.email(text) == ANN


@pytest.mark.parametrize(
    "text",
    [None, 7, "", " ", "ann", "ann@", "@x.test", "ann@x", "an n@x.test", "a@b@c.test", "ann@x.", "a" * 65 + "@x.test",
     "ann@x.test\0", "ann@" + "x" * 400 + ".test", ["ann@x.test"], ANN[:32]],
)  # fmt: skip
def test_what_is_no_address_has_none(text: object) -> None:
    assert contact.email(text) is None


@pytest.mark.parametrize(
    "text", ["+493012345678", "00493012345678", "+49 30 1234-5678", "+49 (30) 12345678", "+49.30.12345678", NUMBER]
)
def test_one_number_has_one_hash(text: str) -> None:
    assert contact.phone(text) == NUMBER


@pytest.mark.parametrize(
    "text", [None, 7, "", "03012345678", "3012345678", "+", "+0493012345678", "+4930x", "+49301", "+" + "4" * 16, "٤٩"]
)
def test_a_number_without_its_country_is_nobodys(text: object) -> None:
    assert contact.phone(text) is None


@pytest.mark.parametrize(
    ("text", "name"), [("Ann@x.test", ANN), ("+49 30 12345678", NUMBER), (ANN, ANN), ("shopify:a:7", "shopify:a:7")]
)
def test_a_person_is_named_by_any_of_these(text: str, name: str) -> None:
    assert contact.person(text) == name
