"""Laws of an erasure: it changes whose things are and no number, and no replay undoes it."""

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from contracts import identity, tables, topics
from contracts.codec import encode
from contracts.events import ERASE_KEY, SCHEMA, EngagementEvent, Erasure
from processors.engagement.organic import Organic
from processors.engine.state import Change, Record
from tests.property import folding
from tests.property.folding import NOON, Rows

ANN = "a0" * 16
"""A pseudonym as ingest makes them: such are packed where other names are not."""
DAY = topics.DAY_MS
ERASED_AT = NOON + 40 * 3_600_000
ERASURE = encode(Erasure(SCHEMA, "7f", "facebook", ANN, ERASED_AT))
PERSONAL = tuple(
    table.topic for table in tables.load().values() if any(column.name == "actor_id" for column in table.columns)
)


def with_pseudonym(one: EngagementEvent) -> EngagementEvent:
    """One of the people has a name like that."""
    if one.actor_id != "ann":
        return one
    return replace(one, actor_id=ANN, interaction_key=one.interaction_key.replace("|ann", f"|{ANN}"))


events = folding.events().map(with_pseudonym)
days = st.lists(events, min_size=1, max_size=25)


@st.composite
def later(draw: st.DrawFn) -> EngagementEvent:
    """An event of after the erasure."""
    one = draw(events)
    at = one.occurred_at + 3 * DAY
    version = one.version_key
    if one.kind in ("reaction", "follow"):
        version = identity.reaction_version(one.reaction or "like", at if one.occurred_quality == "exact" else None)
    return replace(one, occurred_at=at, received_at=at, version_key=version)


def erase() -> Record:
    return 0, ERASE_KEY, ERASURE


def told(state: Organic | None = None) -> Organic:
    """A state that knows of the erasure before it begins."""
    state = state or folding.new_state()
    state.load(topics.ERASURES.name, [(0, b"7f", ERASURE)])
    return state


def counts(rows: Rows) -> Rows:
    return {key: row for key, row in rows.items() if key[0] not in PERSONAL}


def who(rows: Rows) -> set[object]:
    """Everybody who is named in a row."""
    return {row["actor_id"] for (topic, _), row in rows.items() if topic in PERSONAL}


def rows_of(*batches: Iterable[Record], state: Organic | None = None) -> Rows:
    _, written = folding.fold([list(batch) for batch in batches], state)
    return folding.latest(written)


@settings(max_examples=200)
@given(days)
def test_an_erasure_changes_no_number(day: list[EngagementEvent]) -> None:
    before = rows_of(folding.records(day))
    after = rows_of(folding.records(day), [erase()])
    assert counts(after) == counts(before)
    assert ANN not in who(after)
    assert who(after) - {None} == who(before) - {ANN, None}


@settings(max_examples=200)
@given(days, st.lists(later(), max_size=15), st.data())
def test_a_replay_that_knows_of_the_erasure_makes_the_same_rows_and_never_names_the_person(
    day: list[EngagementEvent], then: list[EngagementEvent], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(day)))
    late = day[cut:]
    live = rows_of(folding.records(day[:cut]), [erase()], folding.records([*late, *then]))
    _, written = folding.fold([folding.records(day[:cut]), [erase()]], told())
    assert ANN not in {row["actor_id"] for (topic, _), row in all_rows(written) if topic in PERSONAL}
    replayed = rows_of(folding.records(day[:cut]), [erase()], folding.records([*late, *then]), state=told())
    assert replayed == live


@settings(max_examples=200)
@given(days, days)
def test_a_worker_that_restarts_before_it_comes_to_the_erasure_arrives_at_the_same_rows(
    day: list[EngagementEvent], rest: list[EngagementEvent]
) -> None:
    """Of what it folds until then, some is nameless already, while the person is still known."""
    straight = rows_of(folding.records(day), folding.records(rest), [erase()])
    _, written = folding.fold([folding.records(day)])
    _, more = folding.fold([folding.records(rest), [erase()]], reloaded(written))
    assert folding.latest([*written, *more]) == straight


@settings(max_examples=100)
@given(days, st.lists(later(), max_size=15))
def test_a_worker_that_restarts_afterwards_knows_the_nameless_still(
    day: list[EngagementEvent], then: list[EngagementEvent]
) -> None:
    straight = rows_of(folding.records(day), [erase()], folding.records(then))
    _, written = folding.fold([folding.records(day), [erase()]])
    _, more = folding.fold([folding.records(then)], reloaded(written))
    assert folding.latest([*written, *more]) == straight


@given(days)
def test_to_erase_again_what_is_erased_changes_nothing(day: list[EngagementEvent]) -> None:
    once = rows_of(folding.records(day), [erase()])
    assert rows_of(folding.records(day), [erase()], [erase()]) == once


@given(days)
def test_nothing_that_is_kept_holds_the_pseudonym_afterwards(day: list[EngagementEvent]) -> None:
    _, written = folding.fold([folding.records(day), [erase()]])
    standing: dict[tuple[str, bytes], bytes | None] = {}
    for topic, key, value in written:
        standing[topic, key] = value
    kept = [(key, value) for (topic, key), value in standing.items() if value is not None]
    assert all(ANN.encode() not in key + value and bytes.fromhex(ANN)[:8] not in value for key, value in kept)


def all_rows(written: list[Change]) -> Iterable[tuple[tuple[str, bytes], dict[str, object]]]:
    """Every row that was ever written."""
    for change in written:
        yield from folding.latest([change]).items()


def reloaded(written: list[Change]) -> Organic:
    """A state that was told of the erasure and read back what was written."""
    state = told()
    for topic in dict.fromkeys(topic for topic, _, _ in written):
        state.load(topic, [(n, key, value) for n, (t, key, value) in enumerate(written) if t == topic])
    return state
