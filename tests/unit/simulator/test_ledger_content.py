"""What content works, and how fast engagement decays: `docs/semantics.md` section 7."""

from typing import Any

import pytest

from ingest.simulator.ledger.counting import Row
from tests.unit.simulator.conftest import PAGE, POST, Book, day, moment, second

DAY = 86_400


def post(book: Book, number: int, at: int, likes: int | None, reach: int | None = None, **content: Any) -> str:
    name = f"{PAGE}_{number}"
    columns = {"published_at": second(at), "format": "added_photos", "permalink": f"https://p/{number}"} | content
    book.notes.content(second(90), PAGE, [(name, columns)])
    values = {"likes": likes, "reach": reach}
    known = [(name, metric, "lifetime", value, "known") for metric, value in values.items() if value is not None]
    book.notes.observed(second(100), PAGE, known)
    return name


def performance(book: Book, dimension: str) -> dict[str, Row]:
    rows = book.tables()["content_performance"]
    return {key[3]: row for key, row in rows.items() if key[2] == dimension}


def test_a_group_of_posts_is_compared_with_all_of_the_account(book: Book) -> None:
    """Photos 10 and 20, a video 60: medians 15 and 60 against 20. Rates 10, 50 and 30 %: medians 10, 40 against 30."""
    post(book, 1, 0, 10, reach=100)
    post(book, 2, 0, 20)
    post(book, 3, 0, 60, reach=120, format="added_video")
    post(book, 4, 0, 20, reach=66, format="added_video")
    found = performance(book, "format")
    assert found["added_photos"] == {
        "posts": 2,
        "engagements": 30,
        "median_engagements": 15.0,
        "account_median_engagements": 20.0,
        "lift": 0.75,
        "rated_posts": 1,
        "median_rate": 10.0,
        "account_median_rate": pytest.approx(20 / 66 * 100),
        "rate_lift": pytest.approx(0.33),
    }
    assert (found["added_video"]["median_engagements"], found["added_video"]["lift"]) == (40.0, 2.0)


def test_a_hashtag_counts_once_a_post_and_an_unknown_format_has_a_name(book: Book) -> None:
    post(book, 1, 0, 10, hashtags=["spring", "spring", "new"], format=None)
    post(book, 2, 0, 30, hashtags=["new"])
    found = performance(book, "hashtag")
    assert {tag: (row["posts"], row["engagements"]) for tag, row in found.items()} == {
        "spring": (1, 10),
        "new": (2, 40),
    }
    assert set(performance(book, "format")) == {"unknown", "added_photos"}


def test_hours_are_those_of_the_accounts_zone(book: Book) -> None:
    """Monday noon UTC is a Tuesday, two at night, on Kiritimati."""
    book.account(zone="Pacific/Kiritimati")
    name = post(book, 1, 0, 10)
    assert set(performance(book, "weekday_hour")) == {"2 02"}
    feature = book.tables()["post_features"]["facebook", PAGE, name]
    assert (feature["weekday"], feature["hour"]) == (2, 2)


def test_what_is_deleted_unpublished_or_without_any_number_is_no_content(book: Book) -> None:
    gone = post(book, 1, 0, 10)
    book.notes.deleted(second(95), PAGE, gone)
    post(book, 2, 0, 10, is_published=False)
    post(book, 3, 0, None)
    post(book, 4, 0, 10, published_at=None)
    tables = book.tables()
    assert tables["content_performance"] == {}
    assert tables["post_features"] == {}


def test_nothing_lifts_over_an_account_without_engagement(book: Book) -> None:
    post(book, 1, 0, 0)
    (row,) = performance(book, "format").values()
    assert (row["lift"], row["median_rate"], row["rate_lift"]) == (None, None, None)


def test_features_count_what_a_post_holds(book: Book) -> None:
    name = post(book, 1, 0, 7, hashtags=["a", "a"], mentions=["m"], links=[], text_length=33)
    assert book.tables()["post_features"]["facebook", PAGE, name] == {
        "format": "added_photos",
        "text_length": 33,
        "hashtag_count": 2,
        "mention_count": 1,
        "link_count": 0,
        "weekday": 1,
        "hour": 12,
        "published_at": moment(0),
        "permalink": "https://p/1",
        "engagements": 7,
    }


def test_only_hours_with_ten_posts_are_ranked_by_their_mean(book: Book) -> None:
    """Ten posts with 100 in all on Monday at noon, ten with 200 a day later, nine with more at another hour."""
    for number in range(10):
        post(book, number, number, 10)
        post(book, 20 + number, DAY + number, 11 if number else 101)
        if number:
            post(book, 40 + number, 3600 + number, 900)
    rows = {key[2:]: row for key, row in book.tables()["best_times_to_post"].items()}
    assert {key: (row["posts"], row["mean_engagements"], row["rank"]) for key, row in rows.items()} == {
        (1, 12): (10, 10.0, 2),
        (2, 12): (10, 20.0, 1),
        (1, 13): (9, 900.0, None),
    }
    assert (rows[2, 12]["median_engagements"], rows[2, 12]["lift"], rows[2, 12]["has_enough_posts"]) == (
        11.0,
        1.0,
        True,
    )


def decay(book: Book) -> dict[str, Row]:
    return {key[2]: row for key, row in book.tables()["engagement_decay"].items()}


def test_engagement_is_dated_by_the_minute_it_came_in(book: Book) -> None:
    """Published 30 s into a minute: the minute that begins just before the hour is over still counts."""
    post(book, 2001, 30, 0)
    book.react("add", 45)
    book.comment("add", 3_600)
    book.comment("add", 3_660, "2001_3002")
    book.share("add", DAY + 90)
    book.share("remove", DAY + 200)
    book.react("add", 8 * DAY, actor="bob")
    book.react("add", 90, actor=PAGE)
    assert decay(book)[POST] == {
        "published_at": moment(30),
        "engagements": 4,
        "engagements_1h": 2,
        "share_1h": 0.5,
        "engagements_24h": 3,
        "share_24h": 0.75,
        "engagements_7d": 3,
        "share_7d": 0.75,
    }


def test_only_posts_that_were_seen_from_the_beginning_and_not_long_ago_decay(book: Book) -> None:
    """The newest day is that of any account's newest minute; eight days before it is the last that counts."""
    book.react("add", 9 * DAY)
    midnight_of_the_second_day = DAY // 2
    first = post(book, 1, midnight_of_the_second_day, 1)
    post(book, 2, midnight_of_the_second_day - 1, 1)
    assert set(decay(book)) == {first}
    assert (decay(book)[first]["engagements"], decay(book)[first]["share_1h"]) == (0, None)
    book.account(connected_at=second(midnight_of_the_second_day))
    assert decay(book) == {}
    assert day(0).isoweekday() == 1
