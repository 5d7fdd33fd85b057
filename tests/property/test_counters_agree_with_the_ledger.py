"""Snapshots in any order give the rows that the ledger gives."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from contracts import topics
from contracts.codec import encode
from contracts.events import LIFETIME, SCHEMA, Snapshot, ValueState
from contracts.identity import account_key
from ingest.simulator.ledger import observing
from ingest.simulator.ledger.observing import Observation
from processors.engine.state import Change
from tests.property import folding
from tests.property.test_fold_agrees_with_the_ledger import on_the_wire


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    post = draw(st.sampled_from(("p1", "p2", None)))
    known = draw(st.booleans())
    state: ValueState = "known" if known else "unavailable"
    hour = draw(st.integers(0, 4))
    return Snapshot(
        schema=SCHEMA,
        platform="facebook",
        account_id="1001",
        post_id=post,
        metric=draw(st.sampled_from(("likes", "shares"))),
        scope="total",
        window=LIFETIME if post else f"day:2026-09-0{draw(st.integers(1, 3))}",
        value=draw(st.integers(0, 5)) if known else None,
        value_state=state,
        as_of=folding.NOON + hour * 3_600_000 + draw(st.sampled_from((0, 1000, 3_599_000))),
        received_at=folding.NOON,
        poll_id="poll",
    )


@given(st.lists(snapshots(), min_size=1, max_size=30), st.integers(0, 30))
def test_snapshots_in_any_order_and_batching_give_the_ledgers_rows(seen: Sequence[Snapshot], cut: int) -> None:
    key = account_key("facebook", "1001")
    records = [(offset, key, encode(one)) for offset, one in enumerate(seen)]
    state = folding.new_state()
    written: list[Change] = []
    for batch in (records[:cut], records[cut:]):
        state.fold(topics.SNAPSHOTS.name, batch)
        written.extend(state.changes(1))
    observations = [Observation("1001", s.post_id, s.metric, s.window, s.as_of, s.value, s.value_state) for s in seen]
    standing = folding.latest(written)
    for table, rows in observing.metric_tables("facebook", observations).items():
        got = {tuple(row.values()) for (topic, _), row in standing.items() if topic == f"agg.{table}"}
        assert got == on_the_wire(table, rows), table
