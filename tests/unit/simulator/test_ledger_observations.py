"""What the platform says by itself: snapshots and posts."""

import datetime as dt

from tests.unit.simulator.conftest import PAGE, POST, Book, moment, second

LIKES = ("facebook", PAGE, POST, "likes", "total")


def observe(book: Book, at: int, value: int | None, state: str = "known", metric: str = "likes") -> None:
    book.notes.observed(second(at), PAGE, [(POST, metric, "lifetime", value, state)])


def hours(book: Book) -> dict[int, tuple[int, int | None, int | None]]:
    """Hour of the day -> (value, delta, gap)."""
    rows = book.tables()["post_metrics_hour"]
    return {key[5].hour: (row["value"], row["delta"], row["gap_seconds"]) for key, row in rows.items()}


def test_the_last_observation_is_the_one_with_the_greatest_time_in_any_order(book: Book) -> None:
    for at, value in ((20, 7), (40, 5), (30, 9)):
        observe(book, at, value)
    assert book.tables()["post_metrics"][LIKES] == {
        "value": 5,
        "platform_as_of": moment(40),
        "value_state": "known",
        "observed_as_of": moment(40),
    }


def test_of_one_second_the_greatest_value_is_the_last(book: Book) -> None:
    observe(book, 20, 9)
    observe(book, 20, 8)
    assert book.tables()["post_metrics"][LIKES]["value"] == 9


def test_an_unknown_value_moves_the_state_and_leaves_the_value(book: Book) -> None:
    observe(book, 20, 9)
    observe(book, 30, None, "unavailable")
    assert book.tables()["post_metrics"][LIKES] == {
        "value": 9,
        "platform_as_of": moment(20),
        "value_state": "unavailable",
        "observed_as_of": moment(30),
    }


def test_an_unknown_value_of_the_same_second_is_smaller_than_any(book: Book) -> None:
    observe(book, 20, None, "unavailable")
    observe(book, 20, 0)
    assert book.tables()["post_metrics"][LIKES]["value_state"] == "known"


def test_what_was_never_known_has_a_row_and_no_hour(book: Book) -> None:
    observe(book, 20, None, "unavailable")
    tables = book.tables()
    assert tables["post_metrics"][LIKES]["value"] is None
    assert tables["post_metrics_hour"] == {}


def test_a_delta_goes_back_to_the_last_known_value_before_the_hour(book: Book) -> None:
    for at, value in ((60, 10), (3_540, 12), (7_200, 9), (7_300, 15), (18_000, 15)):
        observe(book, at, value)
    observe(book, 14_400, None, "unavailable")
    assert hours(book) == {12: (12, None, None), 14: (15, 3, 3_760), 17: (15, 0, 10_700)}


def test_an_account_figure_belongs_to_the_day_it_was_given_for(book: Book) -> None:
    book.notes.observed(second(0), PAGE, [(None, "followers", "day:2026-09-20", 100, "known")])
    book.notes.observed(second(9), PAGE, [(None, "followers", "day:2026-09-20", 99, "known")])
    ((key, row),) = book.tables()["account_metrics_day"].items()
    assert key == ("facebook", PAGE, "followers", "total", dt.date(2026, 9, 20))
    assert (row["value"], row["platform_as_of"]) == (99, moment(9))


CONTENT = {"published_at": second(0), "format": "added_video", "hashtags": ["spring"], "text_length": 12}


def test_a_post_is_what_it_was_when_last_read(book: Book) -> None:
    book.notes.content(second(20), PAGE, [(POST, CONTENT)])
    book.notes.content(second(10), PAGE, [(POST, CONTENT | {"text_length": 3})])
    row = book.tables()["posts"]["facebook", PAGE, POST]
    assert (row["text_length"], row["hashtags"], row["links"]) == (12, ["spring"], [])
    assert (row["published_at"], row["observed_as_of"], row["deleted_at"]) == (moment(0), moment(20), None)


def test_a_deletion_is_dated_by_its_earliest_report_and_needs_no_reading(book: Book) -> None:
    book.notes.deleted(second(50), PAGE, POST)
    book.notes.deleted(second(40), PAGE, POST)
    row = book.tables()["posts"]["facebook", PAGE, POST]
    assert (row["deleted_at"], row["observed_as_of"], row["published_at"]) == (moment(40), None, None)


def test_only_observations_that_reached_the_log_count_if_these_are_given(book: Book) -> None:
    observe(book, 20, 7)
    observe(book, 40, 5)
    book.notes.content(second(20), PAGE, [(POST, CONTENT)])
    reached = {("facebook", PAGE, POST, "likes", "total", "lifetime", second(20))}
    tables = book.ledger().evaluate(observed=reached)
    assert tables["post_metrics"][LIKES]["value"] == 7
    assert tables["posts"] == {}


def test_a_value_without_ads_is_a_value_of_its_own(book: Book) -> None:
    observe(book, 20, 7)
    book.notes.observed(second(20), PAGE, [(POST, "likes", "lifetime", 5, "known")], "organic")
    rows = book.tables()["post_metrics"]
    assert {key[4]: row["value"] for key, row in rows.items()} == {"total": 7, "organic": 5}
    assert book.tables()["post_totals"]["facebook", PAGE, POST]["likes"] == 7


def test_what_ads_brought_is_left_out_of_a_total_only_where_it_is_not_told(book: Book) -> None:
    book.notes.observed(second(20), PAGE, [(POST, "views", "lifetime", 5, "known")], "organic")
    assert book.tables()["post_totals"]["facebook", PAGE, POST]["views"] == 5


def test_another_platforms_answers_are_neither_missing_nor_invented(book: Book) -> None:
    stranger = ("elsewhere", PAGE, POST, "likes", "total", "lifetime", second(21))
    found = book.ledger().compare_observations({stranger})
    assert (found.lost, found.invented) == (frozenset(), frozenset())
    assert book.ledger().invented_comments({("elsewhere", PAGE, "c")}) == frozenset()


def test_what_is_missing_and_what_is_invented_is_told_apart(book: Book) -> None:
    observe(book, 20, 7)
    book.notes.content(second(20), PAGE, [(POST, CONTENT)])
    likes = ("facebook", PAGE, POST, "likes", "total", "lifetime", second(20))
    content = ("facebook", PAGE, POST, "content", "total", "lifetime", second(20))
    stranger = ("facebook", PAGE, POST, "likes", "total", "lifetime", second(21))
    found = book.ledger().compare_observations({likes, stranger})
    assert set(found.lost) == {content}
    assert set(found.invented) == {stranger}


def test_a_comment_that_only_a_lost_poll_listed_does_not_count(book: Book) -> None:
    number = book.comment("add", 0, offered=False)
    book.notes.listed(second(5), [(number, True, None)])
    ledger = book.ledger()
    comment = ("facebook", PAGE, "2001_3001")
    assert ledger.evaluate(polled={comment})["engagement_by_post"]
    assert ledger.evaluate(polled=set())["engagement_by_post"] == {}
    assert ledger.invented_comments({comment, ("facebook", PAGE, "x")}) == {("facebook", PAGE, "x")}
