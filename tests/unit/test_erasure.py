"""Whose a fact is after an erasure, and which dead letters name the person."""

import json

import pytest
from click.testing import CliRunner

from contracts import identity
from contracts.codec import encode
from contracts.events import SCHEMA, Erasure
from deploy.erase import erase
from ingest.erasure import names
from ingest.identity import pseudonymiser
from processors.engagement.erasures import Erasures

T0 = 1_790_000_000_000


def erasures(*known: Erasure) -> Erasures:
    made = Erasures()
    for one in known:
        made.learn(encode(one))
    return made


def erasure(erasure_id: str, erased_at: int, actor: str = "ann", platform: str = "facebook") -> Erasure:
    return Erasure(SCHEMA, erasure_id, platform, actor, erased_at)


def test_what_is_from_before_the_erasure_is_nobodys_and_what_is_later_is_a_new_persons() -> None:
    known = erasures(erasure("e1", T0))
    assert known.name("facebook", "ann", T0 - 1) == identity.nameless("e1")
    assert known.name("facebook", "ann", T0) == "ann"
    assert known.name("facebook", "bob", T0 - 1) == "bob"
    assert known.name("instagram", "ann", T0 - 1) == "ann"


def test_a_person_who_comes_back_is_erased_as_another_one() -> None:
    """In whatever order the erasures become known."""
    for order in (1, -1):
        known = erasures(*[erasure("e2", T0 + 10), erasure("e1", T0)][::order])
        found = [known.name("facebook", "ann", at) for at in (T0 - 1, T0 + 9, T0 + 10)]
        assert found == [identity.nameless("e1"), identity.nameless("e2"), "ann"]


def test_an_erasure_that_is_asked_for_again_before_it_was_written_moves() -> None:
    known = erasures(erasure("e1", T0), erasure("e1", T0 + 10))
    assert known.name("facebook", "ann", T0 + 9) == identity.nameless("e1")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--platform", "facebook"),
        ("--platform", "facebook", "--person", "1", "--pseudonym", "2"),
        ("--platform", "nowhere", "--person", "1"),
        ("--person", "1"),
        ("--platform", "facebook", "--person", ""),
        ("--platform", "facebook", "--pseudonym", ""),
        ("--platform", "facebook", "--pseudonym", " - "),
    ],
)
def test_who_is_meant_has_to_be_said_once(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(erase, arguments).exit_code == 2


ID = "1234567"
IDENTIFY = pseudonymiser("a key", "facebook")
PERSON = IDENTIFY(ID)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"entry": [{"changes": [{"value": {"from": {"id": ID, "name": "A"}}}]}]}),
        json.dumps({"sender_id": int(ID)}),
        '{"from":{"id":"\\u0031234567"}}',
        '{"from":{"id":"1234567"',
        json.dumps({"actor_id": PERSON}),
        json.dumps({"interaction_key": f"reaction|1001_2001|{PERSON}"}),
        f"facebook|{PERSON}",
        json.dumps({"message": f"I am {ID}!"}),
        json.dumps({ID: "as a key"}),
    ],
)
def test_a_body_names_whoever_has_the_id_or_the_pseudonym_in_it(body: str) -> None:
    assert names(body.encode(), PERSON, IDENTIFY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\x00\xff",
        "[" * 100_000,
        json.dumps({"from": {"id": f"{ID}8"}}),
        json.dumps({"post_id": f"1001_{ID}"}),
        json.dumps({"actor_id": pseudonymiser("a key", "instagram")(ID)}),
        json.dumps({"actor_id": pseudonymiser("another key", "facebook")(ID)}),
        json.dumps({"likes": 1.5, "is": True, "none": None}),
    ],
)
def test_a_body_names_nobody_else(body: str) -> None:
    assert not names(body.encode("latin-1"), PERSON, IDENTIFY)


def test_an_id_with_signs_in_it_is_found_whole_and_only_whole() -> None:
    identify = pseudonymiser("a key", "instagram")
    assert names(json.dumps({"username": "ann.b-c"}).encode(), identify("ann.b-c"), identify)
    assert not names(json.dumps({"username": "ann.b-cd"}).encode(), identify("ann.b-c"), identify)


def test_without_pseudonyms_the_id_itself_is_looked_for() -> None:
    assert names(b'{"actor_id":"55"}', "55", str)
    assert not names(b'{"actor_id":"555","offset":1550}', "55", str)
