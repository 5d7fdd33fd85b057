"""Names of people: kept only where the configuration says so, and only beside what they did."""

import datetime as dt

import msgspec
import pytest

from contracts import codec, topics
from contracts.config import Config, Partitions, Privacy
from contracts.events import SCHEMA, Person
from contracts.outcome import Keep
from ingest import platforms
from ingest.intake import Intake
from ingest.meta.listing import Page
from ingest.platforms.facebook import responses
from ingest.records import Records
from runtime.seal import Sealer
from tests.unit.ingest.facebook import PAGE, RECEIVED_AT, SENT, account, delivery, only, receipt, value

NAMED = {"id": "55", "name": "Ann Müller"}


def person(*fields: object, **of: object) -> Person | None:
    return only(delivery(value("comment", "add", **of)), keep_names=True).person


def test_the_actor_of_a_comment_is_named_with_the_time_of_the_comment() -> None:
    assert person(from_=NAMED) == Person(SCHEMA, "facebook", "<55>", "Ann Müller", (SENT - 3) * 1000)


def test_the_old_shape_names_its_sender_too() -> None:
    found = person(from_=None, sender_id=55, sender_name="Ann")
    assert found is not None
    assert (found.actor_id, found.name) == ("<55>", "Ann")


@pytest.mark.parametrize(
    "actor", [{"id": "55"}, {"name": "Ann"}, {"id": PAGE, "name": "A page"}, {"id": "55", "name": ""}]
)
def test_without_an_id_or_a_name_and_as_the_page_nobody_is_named(actor: dict[str, str]) -> None:
    assert person(from_=actor) is None


@pytest.mark.parametrize("name", [7, None, ["Ann"], {"first": "Ann"}])
def test_a_name_that_is_none_costs_the_name_alone(name: object) -> None:
    part = only(delivery(value("comment", "add", from_={"id": "55", "name": name})), keep_names=True)
    assert isinstance(part.outcome, Keep)
    assert part.person is None


def test_a_name_is_cleaned_for_every_store() -> None:
    found = person(from_={"id": "55", "name": "Ann\0 \ud83d" + "x" * 300})
    assert found is not None
    assert found.name.startswith("Ann \ufffdx")
    assert len(found.name) == 255


def batch(privacy: Privacy, *bodies: dict[str, object]) -> list[tuple[str, bytes | None]]:
    config = Config(accounts=(account(),), privacy=privacy)
    facebook = {"facebook": platforms.load()["facebook"]}
    intake = Intake(config, facebook, "key", Sealer(["seal"]), Records(Partitions()))
    made = intake.delivery([*facebook.values()], delivery(*bodies), "webhook", RECEIVED_AT)
    return [(record.topic, record.value) for record in made.records]


def test_by_default_no_name_leaves_the_process() -> None:
    made = batch(Privacy(), value("comment", "add", from_=NAMED))
    assert [topic for topic, _ in made] == [topics.EVENTS.name]
    assert all("Müller".encode() not in (value or b"") for _, value in made)


def test_a_person_is_written_once_a_delivery_as_last_seen_and_beside_the_events() -> None:
    bodies = [
        value("comment", "add", comment_id=f"2001_{number}", created_time=SENT - age, from_={"id": "55", "name": name})
        for number, (age, name) in enumerate([(30, "Ann"), (5, "Ann M."), (60, "A.")])
    ]
    made = batch(Privacy(people="named"), *bodies)
    assert [topic for topic, _ in made] == [topics.EVENTS.name] * 3 + [topics.PEOPLE.name]
    found = codec.decoder(Person)(made[-1][1] or b"")
    assert (found.name, found.seen_at) == ("Ann M.", (SENT - 5) * 1000)
    assert all(b"Ann" not in (value or b"") for _, value in made[:-1])


def test_a_polled_comment_names_its_author() -> None:
    raw = msgspec.Raw(b'{"id":"2001_1","created_time":"2026-09-01T10:00:00+0000","from":{"id":"55","name":"Ann"}}')
    came = int(dt.datetime(2026, 9, 2, tzinfo=dt.UTC).timestamp() * 1000)
    answer = platforms.Answer(b"", RECEIVED_AT, receipt(received_at=came, keep_names=True))
    (part,) = responses.comments(PAGE, "1001_2001", Page([raw]), answer)
    assert part.person is not None
    assert part.person.name == "Ann"
