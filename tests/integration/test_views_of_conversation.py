"""How fast an account answers, and which of its hours are one spike: figures computed by hand."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.integration.view_rows import AUCKLAND, Rows

SECONDS = ("median_seconds", "p90_seconds", "mean_seconds")


def ask(rows: Rows, comment: str, asked_at: str, answered_at: str | None = None, **values: Any) -> None:
    needed = answered_at is None and not values
    rows.add(
        "inbound_comments",
        **{"comment_id": comment, "asked_at": asked_at, "answered_at": answered_at, "needs_answer": needed, **values},
    )


def test_an_account_without_comments_has_no_row(rows: Rows) -> None:
    rows.add_account()
    assert rows.read("response_times_by_account_day", "day") == []


def test_answers_are_counted_to_the_second_and_summed_up_by_day(rows: Rows) -> None:
    rows.add_account()
    for number, answered_at in enumerate(
        ("2026-09-10T01:00:00Z", "2026-09-10T01:00:01Z", "2026-09-11T00:00:00Z", "2026-09-11T01:00:00Z")
    ):
        ask(rows, f"answered {number}", "2026-09-10T00:00Z", answered_at)
    ask(rows, "waits", "2026-09-10T03:00Z")
    ask(rows, "hidden", "2026-09-10T03:00Z", is_hidden=True)
    ask(rows, "removed", "2026-09-10T03:00Z", "2026-09-10T03:01Z", is_removed=True)
    counted = ("inbound", "answered", "unanswered", "within_1h", "within_4h", "within_24h")
    assert rows.read("response_times_by_account_day", *counted) == [(6, 4, 1, 1, 2, 3)]
    # 3600, 3601, 86400, 90000: the 90th percentile lies 0.7 of the way from the third to the fourth.
    assert rows.read("response_times_by_account_day", *SECONDS) == [
        (pytest.approx(45000.5), pytest.approx(88920), pytest.approx(45900.25))
    ]
    assert rows.read("response_times_by_account_day", "answered_share", "within_24h_share") == [
        (pytest.approx(4 / 6), pytest.approx(0.5))
    ]


def test_a_day_without_an_answer_has_no_times_and_shares_of_zero(rows: Rows) -> None:
    rows.add_account()
    ask(rows, "a", "2026-09-10T00:00Z")
    ask(rows, "b", "2026-09-10T00:00Z", is_hidden=True)
    assert rows.read("response_times_by_account_day", *SECONDS) == [(None, None, None)]
    assert rows.read("response_times_by_account_day", "inbound", "answered_share", "within_24h_share") == [(2, 0, 0)]


def test_a_comment_lies_in_the_local_day_on_which_it_was_written_before_and_after_a_change_of_clocks(
    rows: Rows,
) -> None:
    """Auckland goes from +12 to +13 on 2026-09-27 at 02:00."""
    rows.add_account(AUCKLAND)
    for moment in ("2026-09-26T11:59Z", "2026-09-26T12:00Z", "2026-09-27T10:59Z", "2026-09-27T11:00Z"):
        ask(rows, moment, moment)
    assert rows.read("response_times_by_account_day", "day", "inbound") == [
        (date(2026, 9, 26), 1),
        (date(2026, 9, 27), 2),
        (date(2026, 9, 28), 1),
    ]


def unusual(rows: Rows, hour: int, z: float, severity: str, **values: Any) -> None:
    account = {"scope": "account", "subject": "1"}
    at = f"2026-09-10T{hour:02}:00+00:00"
    rows.add(
        "engagement_anomalies", **{**account, "hour": at, "z": z, "severity": severity, "engagements": 30, **values}
    )


def at(hour: int) -> datetime:
    return datetime(2026, 9, 10, hour, tzinfo=UTC)


def test_adjoining_hours_are_one_spike_and_the_newest_hour_may_still_go_on(rows: Rows) -> None:
    unusual(rows, 10, 4.0, "notable")
    unusual(rows, 11, 12.0, "extreme", engagements=70)
    unusual(rows, 13, 7.0, "high")
    rows.add("engagement_by_account_hour", hour="2026-09-10T13:00+00:00")
    columns = ("started_at", "ended_at", "hours", "peak_z", "engagements", "severity")
    assert rows.read("engagement_spikes", *columns) == [
        (at(10), at(12), 2, 12.0, 100, "extreme"),
        (at(13), None, 1, 7.0, 30, "high"),
    ]
    rows.add("engagement_by_account_hour", hour="2026-09-10T14:00+00:00")
    assert rows.read("engagement_spikes", "ended_at") == [(at(12),), (at(14),)]


def test_spikes_of_a_post_and_of_another_account_stand_alone(rows: Rows) -> None:
    unusual(rows, 10, 4.0, "notable")
    unusual(rows, 11, 5.0, "notable", scope="post", subject="p")
    unusual(rows, 11, 6.0, "high", account_id="2")
    found = rows.read("engagement_spikes", "account_id", "scope", "subject", "hours", "ended_at")
    assert found == [("1", "account", "1", 1, None), ("1", "post", "p", 1, None), ("2", "account", "1", 1, None)]
