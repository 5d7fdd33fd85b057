"""What is read back has one share of a platform's limits, whoever reads it back and however often in a day."""

import datetime as dt
from collections.abc import Mapping

import pytest

from contracts import codec
from contracts.config import Partitions
from contracts.events import Cursor
from ingest.polling import share
from ingest.polling.schedule import Scope
from ingest.polling.share import GONE_MS, Share, Taken
from ingest.records import Records
from runtime.clock import wall_ms
from tests.unit.ingest.test_poller import Answers, Run, Written

NAME = share.name("list")


def today() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"


class ReadBack:
    """One `backfill`, with what others have written of theirs."""

    def __init__(self, cursors: Mapping[str, Cursor] | None = None) -> None:
        self.run = Run(Answers(), Scope(once=True, channel="backfill"))
        self.written = Written()
        schedules = self.run.schedules.values()
        self.share = Share(schedules, self.run.lanes, cursors or {}, self.written, Records(Partitions()))

    def cursors(self) -> dict[str, Cursor]:
        """As the next one reads them."""
        return {one.source: codec.decoder(Cursor)(codec.encode(one)) for one in self.written.cursors()}


def begun(*, recorded_at: int, healthy: bool = False) -> dict[str, Cursor]:
    return {NAME: Cursor(1, NAME, "list", "", None, 0, healthy, recorded_at)}


def test_who_begins_while_another_reads_back_is_refused() -> None:
    first = ReadBack()
    first.share.take()
    second = ReadBack(first.cursors())
    with pytest.raises(Taken, match="list"):
        second.share.take()
    assert second.written.records == []


def test_after_it_has_ended_or_was_killed_the_next_one_begins() -> None:
    first = ReadBack()
    first.share.take()
    first.share.end()
    ReadBack(first.cursors()).share.take()
    ReadBack(begun(recorded_at=wall_ms() - GONE_MS)).share.take()
    with pytest.raises(Taken):
        ReadBack(begun(recorded_at=wall_ms() - GONE_MS + 10_000)).share.take()


def test_the_second_of_a_day_goes_on_from_what_the_first_has_spent() -> None:
    first = ReadBack()
    first.share.take()
    assert first.run.poller.run()
    first.share.end()
    assert first.cursors()[NAME].spent == {today(): 6}
    second = ReadBack(first.cursors())
    second.share.take()
    assert second.run.poller.run()
    second.share.end()
    assert second.cursors()[NAME].spent == {today(): 12}


def test_what_is_spent_of_a_day_is_not_there_for_the_next() -> None:
    spent = {NAME: Cursor(1, NAME, "list", "", None, 0, True, wall_ms(), spent={today(): 1000})}
    late = ReadBack(spent)
    (budget,) = late.run.lane.gate.budgets
    assert budget.ready_at(5000.0) == 5000.0
    late.share.take()
    assert budget.ready_at(5000.0) > 5000.0


def test_what_was_spent_on_another_day_is_forgotten_with_it() -> None:
    before = {NAME: Cursor(1, NAME, "list", "", None, 0, True, wall_ms(), spent={"2026-01-01": 1000})}
    later = ReadBack(before)
    later.share.take()
    assert later.run.poller.run()
    later.share.end()
    assert later.cursors()[NAME].spent == {today(): 6}


def test_it_is_said_now_and_then_and_no_oftener(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ReadBack()
    one.share.take()
    one.share.keep()
    assert len(one.written.records) == 1
    monkeypatch.setattr(share, "SAID_SECONDS", 0.0)
    one.share.keep()
    assert len(one.written.records) == 2


def test_that_kafka_is_away_for_a_while_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "SAID_SECONDS", 0.0)
    one = ReadBack()
    one.share.take()
    one.written.refused.add("ingest.cursors")
    one.share.keep()
    one.written.refused.clear()
    one.share.keep()
    assert len(one.written.records) == 2
