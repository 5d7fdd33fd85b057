"""No input stops the receiver, loses a neighbour, or passes for something else: alone and in the middle of a batch."""

import pytest

from contracts import codec, topics
from contracts.config import Config, Partitions
from contracts.events import DeadLetter, EngagementEvent
from contracts.outcome import Drop, Keep, Refuse
from ingest.intake import Batch, Intake
from ingest.kafka import LARGEST_RECORD
from ingest.platforms import Part, load
from ingest.records import Records
from runtime.seal import Sealer
from tests.unit.ingest.bad_inputs import CHANGES, DELIVERIES, batch_of_500_with
from tests.unit.ingest.facebook import RECEIVED_AT, account, parts

SEALER = Sealer(["a key for tests"])
CONFIG = Config(accounts=(account(),))
INTAKE = Intake(CONFIG, load(), "an identity key", SEALER, Records(Partitions()))


def taken_in(body: bytes) -> Batch:
    return INTAKE.delivery([load()["facebook"]], body, "webhook", RECEIVED_AT)


def letters(batch: Batch) -> list[DeadLetter]:
    decode = codec.decoder(DeadLetter)
    return [decode(r.value) for r in batch.records if r.topic == topics.DEAD_LETTERS.name and r.value is not None]


def outcome_of(batch: Batch) -> str:
    (found,) = [*batch.kinds, *batch.drops, *batch.refusals]
    return "keep" if found in batch.kinds else found


@pytest.mark.parametrize(("body", "outcome"), [row[1:] for row in DELIVERIES], ids=[row[0] for row in DELIVERIES])
def test_a_delivery_is_kept_or_sealed_with_its_reason(body: bytes, outcome: str) -> None:
    batch = taken_in(body)
    assert outcome_of(batch) == outcome
    for letter in letters(batch):
        assert letter.reason == outcome
        opened = SEALER.open(letter.sealed)
        assert opened == body or letter.origin == "change"


def _alone(change: str) -> bytes:
    return f'{{"object":"page","entry":[{{"id":"1001","time":1790000005,"changes":[{change}]}}]}}'.encode()


@pytest.mark.parametrize(("change", "outcome"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_a_change_is_kept_or_sealed_with_its_reason(change: str, outcome: str) -> None:
    batch = taken_in(_alone(change))
    assert outcome_of(batch) == outcome


@pytest.mark.parametrize(("change", "outcome"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_its_499_neighbours_in_a_batch_are_kept(change: str, outcome: str) -> None:
    found = parts(batch_of_500_with(change))
    assert len(found) == 500
    assert sum(_is_good_comment(part) for part in found) == 499 + (outcome == "keep")
    if outcome != "keep":
        refused = found[250]
        assert isinstance(refused.outcome, Refuse)
        assert refused.outcome.reason == outcome
        assert refused.body.startswith(b'{"object":"page"')


def _is_good_comment(part: Part) -> bool:
    return isinstance(part.outcome, Keep) and isinstance(part.outcome.value, EngagementEvent)


def test_what_was_refused_in_a_batch_is_refused_again_when_replayed_under_the_same_name() -> None:
    for _, change, outcome in CHANGES:
        if outcome == "keep":
            continue
        first = letters(taken_in(batch_of_500_with(change)))
        assert [letter.reason for letter in first] == [outcome]
        again = INTAKE.delivery([load()["facebook"]], SEALER.open(first[0].sealed), "replay", RECEIVED_AT)
        assert [letter.dead_letter_id for letter in letters(again)] == [first[0].dead_letter_id]


def test_no_dead_letter_tells_what_it_holds() -> None:
    for _, change, outcome in CHANGES:
        for letter in letters(taken_in(_alone(change.replace("hello", "canary").replace('"55"', '"4711"')))):
            record = codec.encode(letter)
            assert outcome.encode() in record
            assert b"canary" not in record
            assert b"4711" not in record


def test_an_unreadable_change_costs_only_itself() -> None:
    broken = b'{"field":"feed","value":{"item":"comment","message":"\xff"}}'
    body = batch_of_500_with("0").replace(b",0,", b"," + broken + b",")
    found = parts(body)
    assert isinstance(found[250].outcome, Refuse)
    assert found[250].outcome.reason == "unreadable_body"
    assert sum(_is_good_comment(part) for part in found) == 499
    assert not any(isinstance(part.outcome, Drop) for part in found)


def test_of_an_item_too_long_for_a_record_the_beginning_is_kept_and_it_says_so() -> None:
    body = b'{"message":"' + b"x" * 10_000_000 + b'"}'
    good = parts(_alone(next(change for _, change, outcome in CHANGES if outcome == "keep")))
    bad = Part(Refuse("oversized", "message"), account().id, body)
    batch = INTAKE.batch("facebook", "poll", RECEIVED_AT, "poll", [*good, bad])
    [letter] = letters(batch)
    opened = SEALER.open(letter.sealed)
    assert body.startswith(opened)
    assert len(opened) > 9_000_000
    assert letter.detail == "message (its beginning, cut off)"
    assert max(len(record.value or b"") for record in batch.records) < LARGEST_RECORD - 10_000
    assert batch.kinds == {"comment": 1}
