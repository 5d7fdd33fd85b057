"""What works, when to post, how fast a post gets what it gets: figures computed by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.view_rows import INSTAGRAM, NEW_YORK, OBSERVED, Rows


@pytest.fixture
def rows(rows: Rows) -> Rows:
    rows.add_account(NEW_YORK, connected_at="2026-09-01T00:00Z")
    return rows


def test_nothing_published_makes_empty_views(rows: Rows) -> None:
    rows.add_post("draft", "2026-09-10T12:00Z", 5, is_published=False)
    rows.add_post("deleted", "2026-09-10T12:00Z", 5, deleted_at="2026-09-11T00:00Z")
    rows.add_post("of an unknown time", None, 5)
    rows.add_post("without a count", "2026-09-10T12:00Z")
    for view in ("content_performance", "best_times_to_post", "post_features"):
        assert rows.read(view, "account_id") == []


def three_posts(rows: Rows) -> None:
    photos = {"format": "added_photos"}
    rows.add_post("a", "2026-09-10T12:00Z", 10, hashtags=["tea", "cup", "tea"], reach=100, **photos)
    rows.add_post("b", "2026-09-10T12:59Z", 20, hashtags=["tea"], reach=0, **photos)
    rows.add_post("c", "2026-09-13T04:00Z", 60, reach=300)


def test_groups_of_posts_are_measured_against_all_posts_of_the_account(rows: Rows) -> None:
    three_posts(rows)
    columns = ("dimension", "value", "posts", "engagements", "median_engagements", "lift")
    assert rows.read("content_performance", *columns) == [
        ("format", "added_photos", 2, 30, 15, pytest.approx(0.75)),
        ("format", "unknown", 1, 60, 60, pytest.approx(3)),
        ("hashtag", "cup", 1, 10, 10, pytest.approx(0.5)),
        ("hashtag", "tea", 2, 30, 15, pytest.approx(0.75)),
        ("weekday_hour", "4 08", 2, 30, 15, pytest.approx(0.75)),
        ("weekday_hour", "7 00", 1, 60, 60, pytest.approx(3)),
    ]


def test_rates_count_posts_with_a_reach_alone(rows: Rows) -> None:
    three_posts(rows)
    columns = ("value", "rated_posts", "median_rate", "account_median_rate", "rate_lift")
    assert rows.read("content_performance", *columns, where="dimension = 'format'") == [
        ("added_photos", 1, pytest.approx(10), pytest.approx(15), pytest.approx(2 / 3)),
        ("unknown", 1, pytest.approx(20), pytest.approx(15), pytest.approx(4 / 3)),
    ]


def test_nothing_is_so_many_times_nothing(rows: Rows) -> None:
    rows.add_post("a", "2026-09-10T12:00Z", 0, reach=10)
    rows.add_post("b", "2026-09-11T12:00Z", 0)
    rows.add_post("c", "2026-09-11T12:00Z", 9, format="added_video")
    columns = ("value", "median_engagements", "lift", "median_rate", "rate_lift")
    assert rows.read("content_performance", *columns, where="dimension = 'format'") == [
        ("added_video", 9, None, None, None),
        ("unknown", 0, None, 0, None),
    ]


def test_both_runs_of_an_hour_that_comes_twice_are_the_same_hour_of_the_week(rows: Rows) -> None:
    """New York sets its clocks back on 2026-11-01 at 02:00: 05:30Z and 06:30Z are both half past one."""
    rows.add_post("before", "2026-11-01T05:30Z", 1)
    rows.add_post("after", "2026-11-01T06:30Z", 1)
    assert rows.read("content_performance", "value", "posts", where="dimension = 'weekday_hour'") == [("7 01", 2)]
    assert rows.read("post_features", "weekday", "hour") == [(7, 1), (7, 1)]


def test_a_time_to_post_is_ranked_by_mean_and_only_with_ten_posts(rows: Rows) -> None:
    for number in range(10):
        rows.add_post(f"tuesday {number}", f"2026-09-08T15:{number:02}Z", 5)
        rows.add_post(f"monday {number}", f"2026-09-07T15:{number:02}Z", 5)
        rows.add_post(f"friday {number}", f"2026-09-11T15:{number:02}Z", 10 * (number // 9))
        if number:
            rows.add_post(f"sunday {number}", f"2026-09-06T15:{number:02}Z", 100)
    rows.refresh("content_performance")
    columns = ("rank", "weekday", "hour", "posts", "mean_engagements", "median_engagements", "has_enough_posts")
    assert rows.read("best_times_to_post", *columns) == [
        (1, 1, 11, 10, 5, 5, True),
        (2, 2, 11, 10, 5, 5, True),
        (3, 5, 11, 10, 1, 0, True),
        (None, 7, 11, 9, 100, 100, False),
    ]


def test_features_are_counted_as_they_stand_in_the_post(rows: Rows) -> None:
    rows.add_post(
        "a", "2026-09-10T12:00Z", 7, hashtags=["x", "x"], links=["y"], text_length=12, permalink="https://p.test/a"
    )
    columns = ("hashtag_count", "mention_count", "link_count", "text_length", "permalink", "engagements", "format")
    assert rows.read("post_features", *columns) == [(2, 0, 1, 12, "https://p.test/a", 7, None)]


def minute(rows: Rows, post: str, at: str, **counts: Any) -> None:
    rows.add("engagement_by_post_minute", post_id=post, minute=at, **counts)


REACHED = ("post_id", "engagements_1h", "engagements_24h", "engagements_7d", "engagements")
SHARES = ("post_id", "share_1h", "share_24h", "share_7d")


def test_a_minute_belongs_to_the_first_hour_if_it_begins_in_it(rows: Rows) -> None:
    rows.add_post("p", "2026-09-10T12:00:30Z")
    minute(rows, "p", "2026-09-10T12:00+00:00", likes=3, likes_removed=1, comments=1)
    minute(rows, "p", "2026-09-10T13:00+00:00", shares=2)
    minute(rows, "p", "2026-09-10T13:01+00:00", likes=5)
    minute(rows, "p", "2026-09-11T12:01+00:00", likes=4, comment_reactions=9, owner_likes=9)
    minute(rows, "p", "2026-09-17T12:01+00:00", likes=6)
    assert rows.read("engagement_decay", *REACHED) == [("p", 5, 10, 14, 20)]
    assert rows.read("engagement_decay", *SHARES) == [("p", 0.25, 0.5, 0.7)]


def test_a_post_without_engagement_has_no_shares(rows: Rows) -> None:
    rows.add_post("p", "2026-09-10T12:00Z")
    rows.add_post("q", "2026-09-10T12:00Z")
    minute(rows, "q", "2026-09-10T12:00+00:00", likes=1, likes_removed=1)
    assert rows.read("engagement_decay", *REACHED) == [("p", 0, 0, 0, 0), ("q", 0, 0, 0, 0)]
    assert rows.read("engagement_decay", *SHARES) == [("p", None, None, None), ("q", None, None, None)]


def test_decay_is_told_of_posts_whose_minutes_are_all_kept(rows: Rows) -> None:
    """Eight days before the newest UTC day of any account, and not before the account was connected."""
    rows.add_account(connected_at="2026-09-19T00:00Z", account_id="2")
    minute(rows, "other", "2026-09-20T23:59+00:00", account_id="3", likes=1)
    rows.add_post("in time", "2026-09-12T00:00Z")
    rows.add_post("too old", "2026-09-11T23:59:59Z")
    rows.add_post("as it was connected", "2026-09-19T00:00Z", account_id="2")
    rows.add_post("after", "2026-09-19T00:00:01Z", account_id="2")
    assert rows.read("engagement_decay", "post_id", "published_at") == [
        ("after", datetime(2026, 9, 19, 0, 0, 1, tzinfo=UTC)),
        ("in time", datetime(2026, 9, 12, tzinfo=UTC)),
    ]
    # A day whose rows are all gone again is not the newest.
    minute(rows, "other", "2026-09-22T00:00+00:00", account_id="3", likes=1)
    assert rows.read("engagement_decay", "post_id") == [("after",)]
    rows.connection.execute("DELETE FROM analytics.engagement_by_post_minute WHERE minute >= '2026-09-22T00:00Z'")
    assert rows.read("engagement_decay", "post_id") == [("after",), ("in time",)]


def test_decay_counts_what_the_platform_sends(rows: Rows) -> None:
    rows.add_account(connected_at="2026-09-01T00:00Z", **INSTAGRAM)
    rows.add_post("p", "2026-09-10T12:00Z", None, **INSTAGRAM)
    minute(rows, "p", "2026-09-10T12:00+00:00", comments=2, **UNSENT, **INSTAGRAM)
    assert rows.read("engagement_decay", *REACHED) == [("p", 2, 2, 2, 2)]


UNSENT = dict.fromkeys(("likes", "likes_removed", "shares", "shares_removed", "owner_likes", "owner_shares"))


def test_what_a_platform_never_sends_is_unknown_in_totals_and_rates(rows: Rows) -> None:
    rows.add_account(connected_at="2026-09-01T00:00Z", **INSTAGRAM)
    for post in ("seen", "silent"):
        rows.add_post(post, "2026-09-10T12:00Z", 4, **INSTAGRAM)
        rows.add("post_metrics", post_id=post, metric="likes", scope="total", value=50, **OBSERVED, **INSTAGRAM)
    rows.add("engagement_by_post", post_id="seen", comments=3, owner_comments=1, **UNSENT, **INSTAGRAM)
    totals = ("post_id", "likes", "likes_source", "shares", "shares_source", "engagements")
    assert rows.read("post_totals", *totals) == [
        ("seen", 50, "platform", None, None, 54),
        ("silent", 50, "platform", None, None, 54),
    ]
    assert rows.read("post_totals", "post_id", "coverage_likes", "coverage_comments", "coverage_shares") == [
        ("seen", None, 1, None),
        ("silent", None, 0, None),
    ]
    rows.add("engagement_by_account_day", day="2026-09-10", comments=3, **UNSENT, **INSTAGRAM)
    assert rows.read("account_rates_day", "numerator", "rate") == [(None, None)]
    [(rate,)] = rows.read("account_rates", "numerator", where="platform = 'instagram' AND definition = 'O10A'")
    assert rate is None


def test_what_a_platform_sends_is_covered_from_nothing_on(rows: Rows) -> None:
    rows.add_post("p", "2026-09-10T12:00Z", 4)
    rows.add("post_metrics", post_id="p", metric="likes", scope="total", value=50, **OBSERVED)
    assert rows.read("post_totals", "coverage_likes", "coverage_comments", "coverage_shares") == [(0, 0, None)]
