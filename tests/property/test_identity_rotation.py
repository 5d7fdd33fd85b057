"""The identity key is changed: who was heard of meanwhile stays who they were, in every row and in any batching."""

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts import topics
from contracts.codec import encode
from contracts.events import ERASE_KEY, SCHEMA, EngagementEvent, Erasure
from contracts.paid import Link, PaidFact
from processors.engagement.organic import Organic
from processors.engine.state import Change, Record
from tests.property import folding, paying, rotating
from tests.property.folding import NOON, Rows
from tests.property.rotating import Rotation, coming

ANN = "a0" * 16
"""A pseudonym as ingest makes them: such are packed where other names are not."""


def with_pseudonym(one: EngagementEvent) -> EngagementEvent:
    if one.actor_id != "ann":
        return one
    return replace(one, actor_id=ANN, interaction_key=one.interaction_key.replace("|ann", f"|{ANN}"))


days = st.lists(folding.events().map(with_pseudonym), min_size=1, max_size=30)
rotations = days.flatmap(rotating.rotations)


def rows_of(batches: Iterable[Sequence[EngagementEvent]]) -> Rows:
    _, written = folding.fold([folding.records(batch) for batch in batches])
    return folding.latest(written)


def reloaded(written: list[Change]) -> Organic:
    state = folding.new_state()
    folding.reload(state, written)
    return state


@settings(max_examples=200)
@given(rotations)
def test_the_rows_are_those_of_a_key_that_was_never_changed(rotation: Rotation) -> None:
    assert rows_of(rotation.rotated) == rows_of(rotation.plain)


@settings(max_examples=100)
@given(rotations)
def test_a_worker_that_restarts_at_any_time_knows_who_is_who(rotation: Rotation) -> None:
    written: list[Change] = []
    for batch in rotation.rotated:
        _, more = folding.fold([folding.records(batch)], reloaded(written))
        written += more
    assert folding.latest(written) == rows_of(rotation.plain)


@settings(max_examples=100)
@given(days)
def test_a_second_change_leaves_them_who_they_were(day: list[EngagementEvent]) -> None:
    """Everybody is heard of in each of the two."""
    once = [rotating.renamed(one) for one in day]
    twice = [rotating.renamed(one) for one in once]
    announced = [[rotating.announcing(one) for one in told] for told in (day, once)]
    assert rows_of([*announced, twice]) == rows_of([day, day, day])


def test_who_was_not_heard_of_is_a_new_person_and_is_counted() -> None:
    before = [folding.event(actor=ANN), folding.event(actor="bob", kind="comment", object_id="c1")]
    meanwhile = [rotating.announcing(folding.event(actor=ANN, target="p2", post="p2"))]
    state, written = folding.fold([folding.records([*before, *meanwhile]), [folding.tick(NOON + 3_600_000)]])
    assert {name: state.entries()[name] for name in ("aliases", "unlinked_members")} == {
        "aliases": 1,
        "unlinked_members": 1,
    }
    after = [rotating.renamed(folding.event(actor=actor, kind="follow")) for actor in (ANN, "bob")]
    _, more = folding.fold([folding.records(after)], state)
    rows = folding.latest([*written, *more])
    members = {row["actor_id"] for (topic, _), row in rows.items() if topic == "agg.community_members"}
    assert members == {ANN, "bob", coming("bob")}


def erase(pseudonym: str, following: str | None) -> Record:
    erasure = Erasure(SCHEMA, "7f", "facebook", pseudonym, NOON + 40 * 3_600_000, pseudonym_next=following)
    return 0, ERASE_KEY, encode(erasure)


@settings(max_examples=100)
@given(days, days)
def test_who_is_erased_stays_so_under_the_next_key(day: list[EngagementEvent], rest: list[EngagementEvent]) -> None:
    """Though nothing was heard of them meanwhile: the erasure says what they will be called."""
    theirs = [one for one in rest if one.actor_id in (ANN, None)]
    _, plain = folding.fold([folding.records(day), [erase(ANN, None)], folding.records(theirs)])
    renamed = folding.records(map(rotating.renamed, theirs))
    _, written = folding.fold([folding.records(day), [erase(ANN, coming(ANN))], renamed])
    assert folding.latest(written) == folding.latest(plain)


@settings(max_examples=100)
@given(days, days, st.booleans())
def test_who_counts_as_two_is_erased_as_both_and_no_number_moves(
    day: list[EngagementEvent], rest: list[EngagementEvent], at_once: bool
) -> None:
    """They were not heard of while the next key was announced, and came back under it."""
    records = [*folding.records(day), *folding.records(map(rotating.renamed, rest))]
    _, before = folding.fold([records])
    erasing = [erase(ANN, coming(ANN))]
    state, after = folding.fold([[*records, *erasing]] if at_once else [records, erasing])
    personal = ("agg.community_members", "agg.inbound_comments")
    plain, erased = folding.latest(before), folding.latest(after)
    assert {k: row for k, row in erased.items() if k[0] not in personal} == {
        k: row for k, row in plain.items() if k[0] not in personal
    }
    assert not {ANN, coming(ANN)} & {row["actor_id"] for (topic, _), row in erased.items() if topic in personal}
    assert not {ANN, coming(ANN)} & {actor for account in state.accounts.values() for actor in account.community.people}


@settings(max_examples=100)
@given(days, days)
def test_an_erasure_by_the_next_name_alone_is_the_same_persons(
    day: list[EngagementEvent], rest: list[EngagementEvent]
) -> None:
    """In the log, or known from the beginning, when nobody can yet say who it is."""
    day = [*day, folding.event(actor=ANN)]
    known = set[str]().union(*map(rotating.people, day))
    again = [one for one in rest if rotating.people(one) <= known]
    announced = folding.records(map(rotating.announcing, day))
    renamed = folding.records(map(rotating.renamed, again))
    _, plain = folding.fold([folding.records(day), [erase(ANN, None)], folding.records(again)])
    _, written = folding.fold([announced, [erase(coming(ANN), None)], renamed])
    assert folding.latest(written) == folding.latest(plain)
    told = folding.new_state()
    told.load(topics.ERASURES.name, [(0, b"7f", erase(coming(ANN), None)[2])])
    _, replayed = folding.fold([announced, renamed], told)
    assert folding.latest(replayed) == folding.latest(plain)


@given(st.lists(folding.events(), min_size=1, max_size=10))
def test_objects_named_by_pseudonyms_are_the_same_objects(day: list[EngagementEvent]) -> None:
    """Comments whose id, and the one that they answer, are called otherwise by the next key."""
    comments = [one for one in day if one.kind == "comment" and one.actor_id is not None]
    names = {part for one in comments for part in (one.interaction_key.split("|")[1], one.parent_id) if part}

    def announcing(one: EngagementEvent) -> EngagementEvent:
        return replace(rotating.announcing(one), objects_next={name: coming(name) for name in names})

    def renamed(one: EngagementEvent) -> EngagementEvent:
        kind, name = one.interaction_key.split("|")
        parent = None if one.parent_id is None else coming(one.parent_id)
        target = coming(one.target_id) if one.target_id in names else one.target_id
        later = replace(rotating.renamed(one), interaction_key=f"{kind}|{coming(name)}")
        return replace(later, parent_id=parent, target_id=target)

    expected = rows_of([comments, comments])
    assert rows_of([list(map(announcing, comments)), list(map(renamed, comments))]) == expected


paid_people = st.lists(paying.FACTS, min_size=1, max_size=25)


def paid_rows(batches: Iterable[Sequence[PaidFact]]) -> paying.Rows:
    _, written = paying.fold(batches)
    return paying.latest(written)


@settings(max_examples=200)
@given(paid_people, st.data())
def test_visitors_and_customers_stay_who_they_were(day: list[PaidFact], data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(day)))
    switch = data.draw(st.integers(begin, len(day)))
    known = set[str]().union(*map(rotating.people, day[begin:switch]))
    links = {one.link_id for one in day[begin:switch] if isinstance(one, Link)}
    after = [
        one
        for one in day[switch:]
        if rotating.people(one) <= known and (not isinstance(one, Link) or one.link_id in links)
    ]
    rotated = [*day[:begin], *map(rotating.announcing_fact, day[begin:switch])]
    plain = paid_rows([day[:switch], after])
    assert paid_rows([rotated, list(map(rotating.renamed_fact, after))]) == plain
    _, written = paying.fold([rotated])
    _, more = paying.fold([list(map(rotating.renamed_fact, after))], paying.reloaded(written))
    assert paying.latest([*written, *more]) == plain


@settings(max_examples=200)
@given(paid_people, st.permutations(list(paying.TOPIC_OF.values())))
def test_it_does_not_matter_which_of_the_topics_a_processor_reads_first(day: list[PaidFact], order: list[str]) -> None:
    """Each in its own order: everything is told with both names, then again with the next."""
    again = [rotating.announcing_fact(one) for one in day], [rotating.renamed_fact(one) for one in day]
    told = [one for batch in again for one in batch]
    ahead = [one for topic in dict.fromkeys(order) for one in told if paying.TOPIC_OF[type(one)] == topic]
    plain = [one for topic in dict.fromkeys(order) for one in [*day, *day] if paying.TOPIC_OF[type(one)] == topic]
    assert paid_rows([[one] for one in ahead]) == paid_rows([plain])


def test_what_came_under_a_name_before_it_was_announced_is_the_same_persons() -> None:
    """Touches may be read long before the orders that say who is who."""
    first = paying.order(order_id="o1", visitor_id="v1", ordered_at=NOON)
    touch = paying.touch(touch_id="t1", visitor_id="v1", occurred_at=NOON - 60_000)
    renamed = rotating.renamed_fact(paying.touch(touch_id="t2", visitor_id="v1", occurred_at=NOON - 30_000))
    plain = paid_rows([[touch, paying.touch(touch_id="t2", visitor_id="v1", occurred_at=NOON - 30_000), first]])
    assert paid_rows([[touch, renamed], [rotating.announcing_fact(first)]]) == plain
    assert any(topic == "agg.attribution_credits" for topic, _ in plain)


def test_the_browser_of_a_customers_order_is_the_one_that_is_announced_later() -> None:
    """An order belongs to its customer, and says none the less in which browser it was made."""
    bought = paying.order(order_id="o1", visitor_id="v1", customer_id="c1")
    touch = paying.touch(touch_id="t1", visitor_id="v1")
    later = rotating.coming("v1")
    told: list[list[PaidFact]] = [
        [paying.order(order_id="o1", visitor_id=later, customer_id="c1")],
        [rotating.announcing_fact(touch)],
    ]
    assert paid_rows(told) == paid_rows([[touch, bought]])
    _, written = paying.fold(told[:1])
    _, more = paying.fold(told[1:], paying.reloaded(written))
    assert paying.latest([*written, *more]) == paid_rows([[touch, bought]])


@pytest.mark.parametrize("is_killed", [False, True])
def test_a_buyer_who_counts_as_two_is_erased_as_both_though_the_worker_is_killed_before(is_killed: bool) -> None:
    """Who reads back knows of the erasure before it comes to it in the log."""
    later = rotating.coming("ann")
    told: list[list[PaidFact]] = [
        [paying.order(order_id="o1", customer_id="ann"), paying.touch(touch_id="t1", visitor_id="v1")],
        [paying.order(order_id="o2", customer_id=later), paying.link(visitor_id="v1", customer_id=later)],
    ]
    erasure = Erasure(SCHEMA, "7f", "customer", "ann", NOON + 40 * 3_600_000, pseudonym_next=later)
    state, written = paying.fold(told)
    if is_killed:
        state = paying.reloaded(written, notices=[(0, b"7f", encode(erasure))])
    state.fold(topics.TOUCHES.name, [(0, ERASE_KEY, encode(erasure))])
    rows = paying.latest([*written, *state.changes(9)])
    assert [row["customer_id"] for row in paying.table(rows, "conversions")] == [None, None]
    assert paying.table(rows, "identity_links") == []
