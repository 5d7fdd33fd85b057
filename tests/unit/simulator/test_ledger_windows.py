"""Minutes and hours are UTC, days are the account's: `docs/semantics.md` section 2."""

import datetime as dt
from pathlib import Path

import pytest

from tests.unit.simulator.conftest import Book, moment


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        ("UTC", "2026-09-21T23:59:59", "2026-09-21"),
        ("Asia/Kathmandu", "2026-09-21T18:14:59", "2026-09-21"),
        ("Asia/Kathmandu", "2026-09-21T18:15:00", "2026-09-22"),
        ("Pacific/Kiritimati", "2026-09-21T10:00:00", "2026-09-22"),
        ("Europe/Berlin", "2026-10-24T21:59:59", "2026-10-24"),
        ("Europe/Berlin", "2026-10-24T22:00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T22:59:59", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T23:00:00", "2026-10-26"),
    ],
)
def test_a_day_is_the_date_on_the_accounts_wall(tmp_path: Path, zone: str, utc: str, day: str) -> None:
    book = Book(tmp_path)
    book.account(zone=zone)
    at = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    book.react("add", int((at - moment(0)).total_seconds()))
    tables = book.tables()
    ((_, _, found),) = tables["engagement_by_account_day"]
    assert found == dt.date.fromisoformat(day)
    ((_, _, _, hour),) = tables["engagement_by_post_hour"]
    assert hour == at.replace(minute=0, second=0)
    ((_, _, minute),) = tables["engagement_by_account_minute"]
    assert minute == at.replace(second=0)


def test_a_row_exists_while_any_number_differs_from_zero(book: Book) -> None:
    book.react("remove", 0, offered=[0])
    book.react("update", 60, actor=None)
    tables = book.tables()
    assert [name for name, rows in tables.items() if name.startswith("engagement") and rows] == []
