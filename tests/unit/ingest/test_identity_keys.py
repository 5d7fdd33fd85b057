"""While the identity key is changed, whatever names a person says what they will be called."""

import pytest

from contracts import codec
from contracts.config import Partitions
from contracts.events import SCHEMA, EngagementEvent, Memory, Person
from contracts.paid import Link, Touch
from ingest.identity import announcements, made_of, pseudonymiser
from ingest.records import Records
from ingest.settings import IntakeSettings
from ingest.subjects import Subjects
from runtime.settings import SettingsError
from tests.property import folding, paying
from tests.unit.ingest import bluesky
from tests.unit.ingest.bluesky import ANN, Stream, deleted, events, left, like, said

PRESENT, NEXT = pseudonymiser("k", "bluesky"), pseudonymiser("n", "bluesky")
BOTH = pseudonymiser("k", "bluesky", "n")
RECORDS = Records(Partitions())
ENV = {"ENGAGEMENT_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "ENGAGEMENT_SEAL_KEY": "s", "ENGAGEMENT_IDENTITY_KEY": "k"}


def stream(subjects: Subjects | None = None, pseudonym: object = BOTH) -> Stream:
    made = Stream()
    made.receipt = bluesky.receipt(pseudonym=pseudonym)
    made.subjects = subjects or made.subjects
    return made


def test_an_event_is_written_with_both_names_and_nothing_else_of_it_changes() -> None:
    [told] = events(stream().tell(like()))
    [plain] = events(stream(pseudonym=PRESENT).tell(like()))
    written = codec.decoder(EngagementEvent)(RECORDS.of_fact(told).value or b"")
    assert (written.actor_id, written.actor_id_next) == (PRESENT(ANN), NEXT(ANN))
    assert written.interaction_key == plain.interaction_key
    assert written.event_id == plain.event_id
    assert b"_next" not in (RECORDS.of_fact(plain).value or b"")


def test_a_post_that_is_named_by_a_pseudonym_is_announced_with_the_one_that_it_answers() -> None:
    parent = f"at://{bluesky.OWNER}/app.bsky.feed.post/3other"
    reply = {"root": {"uri": bluesky.POST, "cid": "b"}, "parent": {"uri": parent, "cid": "b"}}
    [told] = events(stream().tell(said(reply=reply)))
    written = codec.decoder(EngagementEvent)(RECORDS.of_fact(told).value or b"")
    own = f"at://{ANN}/app.bsky.feed.post/3c1"
    assert written.objects_next == {PRESENT(uri): NEXT(uri) for uri in (own, parent)}
    assert written.parent_id == written.target_id == PRESENT(parent)


def test_visitors_customers_and_their_links_are_announced() -> None:
    visitor, customer = BOTH("v"), BOTH("c")
    link = paying.link(link_id=made_of("order", "o1", visitor, customer), visitor_id=visitor, customer_id=customer)
    written = codec.decoder(Link)(RECORDS.of_fact(link).value or b"")
    assert (written.visitor_id_next, written.customer_id_next) == (NEXT("v"), NEXT("c"))
    assert written.link_id == made_of("order", "o1", PRESENT("v"), PRESENT("c"))
    assert written.link_id_next == made_of("order", "o1", NEXT("v"), NEXT("c"))
    touch = codec.decoder(Touch)(RECORDS.of_fact(paying.touch(visitor_id=None)).value or b"")
    assert touch.visitor_id_next is None


def test_a_name_is_written_with_both_names_of_its_person() -> None:
    record = RECORDS.of_person(Person(SCHEMA, "bluesky", BOTH(ANN), "Ann", folding.NOON))
    written = codec.decoder(Person)(record.value or b"")
    assert (written.actor_id, written.actor_id_next) == (PRESENT(ANN), NEXT(ANN))


def test_a_deletion_after_the_change_is_understood_though_the_record_is_from_before_the_announcement() -> None:
    before = stream(pseudonym=PRESENT)
    before.tell(like("3l1", 0))
    meanwhile = stream(before.subjects)
    meanwhile.tell(like("3l2", 1, claimed="2026-09-21T13:40:00.000Z"))
    after = stream(meanwhile.subjects, NEXT)
    parts = after.tell(deleted("feed.like", "3l1", 2))
    assert bluesky.reasons(parts) == ["still_stands"], "the other like of the same post stands"
    [gone] = events(after.tell(deleted("feed.like", "3l2", 3)))
    assert (gone.action, gone.actor_id) == ("remove", NEXT(ANN))
    assert gone.interaction_key.endswith(NEXT(ANN))


def test_what_is_deleted_meanwhile_is_forgotten_under_both_names() -> None:
    both = stream()
    both.tell(like("3l1", 0), like("3l2", 1, claimed="2026-09-21T13:40:00.000Z"))
    assert len(both.subjects) == 4
    both.tell(deleted("feed.like", "3l1", 2))
    assert len(both.subjects) == 2
    both.tell(left(3))
    assert len(both.subjects) == 0


def test_what_is_remembered_is_written_with_plain_names() -> None:
    both = stream()
    frame = both.frame(like())
    written = [RECORDS.of_subject("bluesky:stream", *change) for change in frame.subjects]
    found = [codec.decoder(Memory)(record.value or b"").subject for record in written]
    assert [one.actor_id for one in found if one] == [PRESENT(ANN), NEXT(ANN)]


def test_nothing_is_announced_without_a_next_key() -> None:
    assert announcements(PRESENT(ANN), None) == {}
    assert announcements(BOTH(ANN), None) == {PRESENT(ANN): NEXT(ANN)}


@pytest.mark.parametrize(("key", "expected"), [("n", ("k", "n")), ("", ("k", None))])
def test_the_next_key_is_a_setting_that_may_be_empty(
    monkeypatch: pytest.MonkeyPatch, key: str, expected: tuple[str, str | None]
) -> None:
    for name, value in (ENV | {"ENGAGEMENT_IDENTITY_KEY_NEXT": key}).items():
        monkeypatch.setenv(name, value)
    assert IntakeSettings.load().identity_keys == expected


def test_the_next_key_is_another_than_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (ENV | {"ENGAGEMENT_IDENTITY_KEY_NEXT": "k"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="ENGAGEMENT_IDENTITY_KEY_NEXT"):
        IntakeSettings.load()
