"""What is sent is what Facebook sends, and a receiver that knows its shapes reads every fact out of it."""

import hashlib
import hmac
import json
from random import Random
from types import MappingProxyType
from typing import Any

from contracts.config import Account
from contracts.events import EngagementEvent
from contracts.outcome import Keep, Refuse
from ingest.platforms import Receipt
from ingest.platforms.facebook.parse import parse
from ingest.simulator import wire
from ingest.simulator.faults import PLANS, Plan, Tally
from ingest.simulator.happenings import Happening
from ingest.simulator.malformed import Malformed
from ingest.simulator.outbox import MOST_CHANGES, Delivery, Outbox
from ingest.simulator.world import World
from tests.unit.simulator.test_world import BEGINS_AT, SCALE, happenings

END = BEGINS_AT + 400_000


def told(seed: int = 5) -> tuple[World, list[Happening]]:
    world = World(seed, BEGINS_AT, SCALE)
    found = list(happenings(world))
    for number, happening in enumerate(found):
        if happening.fact is not None:
            happening.number = number
    return world, found


def receipt(world: World) -> Receipt:
    accounts: Any = {page.id: None for page in world.pages}
    typed: dict[str, Account] = accounts
    return Receipt(
        END * 1000, "webhook", "s", MappingProxyType(typed), lambda actor: f"p{actor}", visitor=str, customer=str
    )


def deliveries(plan: Plan, found: list[Happening]) -> tuple[list[Delivery], Tally]:
    tally = Tally()
    outbox = Outbox(plan, tally, Random(2))
    made: list[Delivery] = []
    for happening in found:
        outbox.put(happening)
        made += outbox.take(happening.at)
    return made + outbox.take(END, everything=True), tally


def test_bytes_are_ascii_with_escaped_solidus_and_their_signature_verifies() -> None:
    made, _ = deliveries(PLANS["none"], told()[1])
    text = b"".join(delivery.body for delivery in made)
    assert text.isascii()
    assert b"\\u" in text
    assert b"\\/" in text
    assert b"/" not in text.replace(b"\\/", b"")
    body = made[0].body
    assert wire.signature("s", body) == "sha256=" + hmac.new(b"s", body, hashlib.sha256).hexdigest()
    assert all(json.loads(delivery.body)["object"] == "page" for delivery in made)


def test_every_shape_occurs() -> None:
    values = [
        json.loads(change.text)["value"]
        for happening in told()[1]
        for change in wire.changes(happening, Random(happening.at))
    ]
    assert any("sender_id" in value and isinstance(value["sender_id"], int) for value in values)
    assert any("from" not in value and "sender_id" not in value and "user_id" not in value for value in values)
    assert any(value["item"] == "like" and "post_id" in value for value in values)
    shares = [value for value in values if value["item"] == "share" and value["verb"] == "add"]
    assert {("parent_id" in value) for value in shares} == {True, False}
    assert {"sorry", "sad"} <= {value.get("reaction_type") for value in values}
    assert any(value["item"] == "reaction" and "created_time" not in value for value in values)


def test_a_receiver_reads_every_fact_as_it_happened() -> None:
    world, found = told()
    by_number = {happening.number: happening for happening in found}
    events: dict[str, set[Any]] = {}
    for delivery in deliveries(PLANS["none"], found)[0]:
        parts = list(parse(delivery.body, receipt(world)))
        changes = [change for page in grouped(delivery) for change in page]
        for part, change in zip(parts, changes, strict=True):
            fact = by_number[change.number].fact if change.number >= 0 else None
            if fact is None:
                continue
            assert isinstance(part.outcome, Keep)
            event = part.outcome.value
            assert isinstance(event, EngagementEvent)
            at = fact.at if fact.exact else delivery.sent_at * 1000
            assert (event.kind, event.action, event.occurred_at) == (fact.kind, fact.action, at)
            assert (event.post_id, event.occurred_quality == "exact") == (fact.post, fact.exact)
            assert event.actor_is_owner == (fact.actor == fact.account)
            assert event.actor_id == (f"p{fact.actor}" if change.names_actor else None)
            assert event.kind == "follow" or event.reaction == fact.reaction
            events.setdefault(event.event_id, set()).add((fact.kind, fact.action, fact.subject))
    assert len(events) > 4_000
    assert all(len(subjects) == 1 for subjects in events.values())


def grouped(delivery: Delivery) -> list[list[wire.Change]]:
    pages: dict[str, list[wire.Change]] = {}
    for change in delivery.changes:
        pages.setdefault(change.page, []).append(change)
    return list(pages.values())


def test_what_is_malformed_is_refused_for_the_reason_that_is_expected() -> None:
    world, found = told()
    malformed = Malformed()
    page = world.pages[0].id
    for _ in range(14):
        reason, change = malformed.change(BEGINS_AT, page)
        body = wire.body(BEGINS_AT, [(change.page, [change.text])])
        (part,) = parse(body, receipt(world))
        assert isinstance(part.outcome, Refuse)
        assert part.outcome.reason == reason
    reason, body = malformed.delivery(BEGINS_AT, page)
    (part,) = parse(body, receipt(world))
    assert isinstance(part.outcome, Refuse)
    assert part.outcome.reason == reason
    assert found


def test_without_faults_every_change_leaves_once_and_in_time() -> None:
    made, tally = deliveries(PLANS["none"], told()[1])
    numbers = [change.number for delivery in made for change in delivery.changes if change.number >= 0]
    pairs = len(numbers) - len(set(numbers))
    assert 0 < pairs < len(numbers) * 0.1
    assert set(tally.counts) <= {"reordered"}
    assert max(len(delivery.changes) for delivery in made) <= MOST_CHANGES


def test_a_storm_drops_repeats_holds_and_spoils() -> None:
    found = told()[1]
    made, tally = deliveries(PLANS["storm"], found)
    facts = {happening.number for happening in found if happening.fact}
    sent = {change.number for delivery in made for change in delivery.changes if change.number >= 0}
    dropped = facts - sent
    assert len(dropped) == tally.counts["dropped"] > 0
    expected = ("duplicate_alone", "duplicate_in_batch", "held", "delayed", "removal_before_add")
    assert all(tally.counts[fault] > 0 for fault in (*expected, "malformed_change", "malformed_delivery"))
    assert any(delivery.is_forged for delivery in made)


def test_malformed_changes_travel_with_good_ones() -> None:
    made, _ = deliveries(PLANS["storm"], told()[1])
    assert any(delivery.reasons and len(delivery.changes) > 2 for delivery in made)
