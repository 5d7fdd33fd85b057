"""The views compute what docs/semantics.md, section 4, says, and know nothing where nothing is known."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

COUNTED = """
    INSERT INTO analytics.engagement_by_post (platform, account_id, post_id, likes, likes_removed, comments,
        comments_removed, replies, replies_removed, shares, shares_removed, comment_reactions,
        comment_reactions_removed, comments_hidden, anonymous, owner_likes, owner_comments, owner_shares,
        owner_comment_reactions, unique_engagers, version, updated_at)
    VALUES ('facebook', '1', %s, %s, %s, %s, 0, 0, 0, %s, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, now())
"""


@pytest.fixture
def db(dsn: str) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        connection.execute(
            "INSERT INTO analytics.accounts VALUES"
            " ('facebook', '1', 'b', 'Page', 'Pacific/Auckland', 'NZD', '2026-09-01T00:00Z'),"
            " ('facebook', '2', 'b', 'Silent', 'UTC', 'USD', '2026-09-01T00:00Z')"
        )
        yield connection
        connection.rollback()


def counted(
    db: psycopg.Connection[dict[str, Any]], post: str, likes: int, removed: int, comments: int, shares: int
) -> None:
    db.execute(COUNTED, [post, likes, removed, comments, shares])


def counter(
    db: psycopg.Connection[dict[str, Any]], post: str, metric: str, value: int | None, scope: str = "total"
) -> None:
    db.execute(
        "INSERT INTO analytics.post_metrics VALUES ('facebook', '1', %s, %s, %s, %s, now(), 'known', now(), 1, now())",
        [post, metric, scope, value],
    )


def content(
    db: psycopg.Connection[dict[str, Any]],
    post: str,
    published: str,
    format_: str = "added_photos",
    deleted: bool = False,
) -> None:
    db.execute(
        "INSERT INTO analytics.posts (platform, account_id, post_id, published_at, format, hashtags, mentions, links,"
        " deleted_at, version, updated_at) VALUES ('facebook', '1', %s, %s, %s, '{}', '{}', '{}',"
        " CASE WHEN %s THEN now() END, 1, now())",
        [post, published, format_, deleted],
    )


def followers(db: psycopg.Connection[dict[str, Any]], day: str, value: int | None) -> None:
    db.execute(
        "INSERT INTO analytics.account_metrics_day VALUES"
        " ('facebook', '1', 'followers', 'total', %s, %s, now(), 'known', now(), 1, now())",
        [day, value],
    )


def totals(db: psycopg.Connection[dict[str, Any]], post: str) -> dict[str, Any]:
    [row] = db.execute("SELECT * FROM analytics.post_totals WHERE post_id = %s", [post]).fetchall()
    return row


def rates(db: psycopg.Connection[dict[str, Any]], view: str, where: str) -> dict[str, tuple[Any, Any, Any]]:
    found = db.execute(f"SELECT * FROM analytics.{view} WHERE {where}".encode()).fetchall()
    return {row["definition"]: (row["numerator"], row["denominator"], row["rate"]) for row in found}


def test_a_total_is_the_platforms_counter_if_known_else_our_count(db: psycopg.Connection[dict[str, Any]]) -> None:
    counted(db, "p", 10, 2, 3, 4)
    counter(db, "p", "likes", 20)
    counter(db, "p", "comments", None)
    counter(db, "p", "shares", 99, scope="paid")
    row = totals(db, "p")
    assert (row["likes"], row["likes_source"]) == (20, "platform")
    assert (row["comments"], row["comments_source"]) == (3, "events")
    assert (row["shares"], row["shares_source"]) == (4, "events")
    assert (row["engagements"], row["views"], row["reach"]) == (27, None, None)


def test_a_post_of_which_nothing_is_known_has_no_engagement_rather_than_none(
    db: psycopg.Connection[dict[str, Any]],
) -> None:
    content(db, "p", "2026-09-10T00:00Z")
    row = totals(db, "p")
    assert (row["likes"], row["likes_source"], row["engagements"]) == (None, None, None)


def test_coverage_is_ours_by_theirs_for_posts_of_our_time_only(db: psycopg.Connection[dict[str, Any]]) -> None:
    for post, published in (("before", "2026-08-31T00:00Z"), ("after", "2026-09-02T00:00Z")):
        counted(db, post, 10, 2, 0, 0)
        content(db, post, published)
        counter(db, post, "likes", 12)
        counter(db, post, "shares", 0)
    assert totals(db, "before")["coverage_likes"] is None
    assert totals(db, "after")["coverage_likes"] == pytest.approx((8 + 1) / 12)
    assert totals(db, "after")["coverage_shares"] is None


def test_rates_of_a_post_keep_their_parts_and_are_null_over_nothing(db: psycopg.Connection[dict[str, Any]]) -> None:
    content(db, "p", "2026-09-09T20:00Z")  # the tenth in Auckland
    counter(db, "p", "likes", 10)
    counter(db, "p", "comments", 4)
    counter(db, "p", "shares", 2)
    counter(db, "p", "reach", 200)
    counter(db, "p", "views", 0)
    followers(db, "2026-09-08", 400)
    followers(db, "2026-09-09", None)
    followers(db, "2026-09-10", 800)
    followers(db, "2026-09-11", 1600)
    assert rates(db, "post_rates", "post_id = 'p'") == {
        "O1": (16, 200, pytest.approx(8.0)),
        "O3": (16, 800, pytest.approx(2.0)),
        "O4": (16, 0, None),
        "O7": (pytest.approx(5.0), 800, pytest.approx(0.625)),
        "O13A": (2, 0, None),
        "O13C": (16, 0, None),
    }
    content(db, "video", "2026-09-01T00:00Z", "added_video")
    assert rates(db, "post_rates", "post_id = 'video'")["O6"] == (None, None, None)


def test_rates_of_an_account_leave_deleted_posts_out_and_the_silent_account_in(
    db: psycopg.Connection[dict[str, Any]],
) -> None:
    for post, likes, reach in (("a", 10, 100), ("b", 30, None), ("deleted", 1000, 10)):
        content(db, post, "2026-09-10T00:00Z", deleted=post == "deleted")
        counter(db, post, "likes", likes)
        counter(db, post, "reach", reach)
    followers(db, "2026-09-10", 50)
    found = rates(db, "account_rates", "account_id = '1'")
    assert found["O2"] == (pytest.approx(10.0), 1, pytest.approx(10.0))
    assert found["O8A"] == (40, 2, 20)
    assert found["O9A"] == (None, 2, None)
    assert found["O11L"] == (20, 50, pytest.approx(400.0))
    assert found["O12L"] == (40, 50, pytest.approx(80.0))
    silent = rates(db, "account_rates", "account_id = '2'")
    assert set(silent) == set(found)
    assert {rate for _, _, rate in silent.values()} == {None}


def test_the_daily_rate_takes_the_followers_of_its_day(db: psycopg.Connection[dict[str, Any]]) -> None:
    columns = "unique_engagers, new_engagers, returning_engagers, follows, follows_removed, owner_follows"
    db.execute(
        COUNTED.replace("engagement_by_post", "engagement_by_account_day")
        .replace("post_id,", "day,")
        .replace("unique_engagers,", f"{columns},")
        .replace("0, 0, 1, now())", "0, 0, 0, 0, 0, 0, 0, 1, now())"),
        ["2026-09-10", 10, 3, 2, 1],
    )
    assert rates(db, "account_rates_day", "true") == {"O5": (10, None, None)}
    followers(db, "2026-09-01", 200)
    followers(db, "2026-09-11", 1)
    assert rates(db, "account_rates_day", "true") == {"O5": (10, 200, pytest.approx(5.0))}
