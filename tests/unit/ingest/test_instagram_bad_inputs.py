"""No input stops the receiver, loses a neighbour, or passes for something else: alone and in the middle of a batch."""

import json

import pytest

from contracts import codec
from contracts.config import Config, Partitions
from contracts.events import EngagementEvent
from contracts.outcome import Keep, Refuse
from ingest.intake import Batch, Intake
from ingest.platforms import Part, load
from ingest.records import Records
from tests.unit.ingest import facebook, instagram
from tests.unit.ingest.instagram import RECEIVED_AT, parts
from tests.unit.ingest.instagram_bad_inputs import CHANGES, DELIVERIES, batch_of_500_with
from tests.unit.ingest.test_bad_inputs import SEALER, letters, outcome_of

CONFIG = Config(accounts=(facebook.account(), instagram.account()))
INTAKE = Intake(CONFIG, load(), "an identity key", SEALER, Records(Partitions()))
SHARING = [load()["facebook"], load()["instagram"]]


def taken_in(body: bytes) -> Batch:
    return INTAKE.delivery([load()["instagram"]], body, "webhook", RECEIVED_AT)


def _alone(change: str) -> bytes:
    return f'{{"object":"instagram","entry":[{{"id":"1784","time":1790000100,"changes":[{change}]}}]}}'.encode()


@pytest.mark.parametrize(("body", "outcome"), [row[1:] for row in DELIVERIES], ids=[row[0] for row in DELIVERIES])
def test_a_delivery_is_kept_or_sealed_with_its_reason(body: bytes, outcome: str) -> None:
    batch = taken_in(body)
    assert outcome_of(batch) == outcome
    for letter in letters(batch):
        assert letter.reason == outcome
        assert SEALER.open(letter.sealed) == body or letter.origin == "change"


@pytest.mark.parametrize(("change", "outcome"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_change_is_kept_or_sealed_with_its_reason(change: str, outcome: str) -> None:
    assert outcome_of(taken_in(_alone(change))) == outcome


@pytest.mark.parametrize(("change", "outcome"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_its_499_neighbours_in_a_batch_are_kept(change: str, outcome: str) -> None:
    found = parts(batch_of_500_with(change))
    assert len(found) == 500
    assert sum(_is_good_comment(part) for part in found) == 499 + (outcome == "keep")
    refused = found[250]
    if isinstance(refused.outcome, Refuse):
        assert refused.outcome.reason == outcome
        assert json.loads(refused.body)["object"] == "instagram"


def _is_good_comment(part: Part) -> bool:
    return isinstance(part.outcome, Keep) and isinstance(part.outcome.value, EngagementEvent)


def test_what_was_refused_in_a_batch_is_refused_again_when_replayed_under_the_same_name() -> None:
    for _, change, outcome in CHANGES:
        if outcome in ("keep", "unsubscribed_field"):
            continue
        (first,) = letters(taken_in(batch_of_500_with(change)))
        again = INTAKE.delivery([load()["instagram"]], SEALER.open(first.sealed), "replay", RECEIVED_AT)
        assert [letter.dead_letter_id for letter in letters(again)] == [first.dead_letter_id]
        assert first.reason == outcome


def test_no_dead_letter_tells_what_it_holds() -> None:
    for _, change, outcome in CHANGES:
        for letter in letters(taken_in(_alone(change.replace("hello", "canary").replace("9001", "4711")))):
            record = codec.encode(letter)
            assert outcome.encode() in record
            assert b"canary" not in record
            assert b"4711" not in record


# -- two platforms of one endpoint -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "platform"),
    [
        (facebook.delivery(facebook.value("comment", "add")), "facebook"),
        (instagram.delivery(instagram.comment()), "instagram"),
        (instagram.flat(instagram.comment()), "instagram"),
        (instagram.delivery(instagram.comment(text="\ud83d")), "instagram"),
        (instagram.flat(instagram.comment(text="\ud83d")), "instagram"),
        (facebook.delivery(facebook.value("comment", "add", message="\ud83d")), "facebook"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_delivery_is_its_objects_whatever_platforms_share_the_endpoint(
    body: bytes, platform: str, order: int
) -> None:
    batch = INTAKE.delivery(SHARING[::order], body, "webhook", RECEIVED_AT)
    assert (batch.platform, dict(batch.kinds)) == (platform, {"comment": 1})


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"[[]]", b"null", b'"page"', b"[null]", b'{"object":7}', b"\xff", b"[" * 9]
)
def test_a_delivery_that_names_no_object_is_the_first_platforms_to_refuse(body: bytes) -> None:
    batch = INTAKE.delivery(SHARING, body, "webhook", RECEIVED_AT)
    assert batch.platform == "facebook"
    assert batch.is_unreadable


def test_a_delivery_about_another_object_than_the_signers_is_refused() -> None:
    batch = INTAKE.delivery(SHARING[1:], facebook.delivery(facebook.value("comment", "add")), "webhook", RECEIVED_AT)
    assert dict(batch.refusals) == {"invalid_envelope": 1}
