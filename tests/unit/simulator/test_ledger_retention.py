"""Windows close to late facts: `docs/semantics.md` section 2, Retention."""

from tests.unit.simulator.conftest import DAY, Book

KEPT = {"minute": 3, "hour": 35}
GRAINS = ("minute", "hour", "day")


def counted(book: Book, column: str) -> list[int]:
    """What the rows of each grain add up to, and the lifetime row."""
    tables = book.tables(retention=KEPT)
    of_grain = [sum(row[column] for row in tables[f"engagement_by_post_{grain}"].values()) for grain in GRAINS]
    return [*of_grain, sum(row[column] for row in tables["engagement_by_post"].values())]


def test_a_fact_that_comes_in_time_counts_in_every_window(book: Book) -> None:
    book.react("add", 0, offered=[3 * DAY])
    assert counted(book, "likes") == [1, 1, 1, 1]


def test_a_fact_that_comes_too_late_for_a_grain_counts_in_the_coarser_ones(book: Book) -> None:
    book.react("add", 0, offered=[3 * DAY + 60])
    assert counted(book, "likes") == [0, 1, 1, 1]
    book.react("add", 0, actor="bob", offered=[36 * DAY])
    assert counted(book, "likes") == [0, 1, 2, 2]


def test_a_late_repetition_of_what_was_known_changes_nothing(book: Book) -> None:
    book.react("add", 0, offered=[1, 9 * DAY])
    assert counted(book, "likes") == [1, 1, 1, 1]


def test_a_removal_counts_where_its_own_window_is_open_though_the_add_came_too_late(book: Book) -> None:
    """The removal was nothing until the add came; by then only its own window was open."""
    book.react("add", 0, offered=[5 * DAY])
    book.react("remove", 4 * DAY, offered=[4 * DAY + 1])
    assert counted(book, "likes") == [0, 1, 1, 1]
    assert counted(book, "likes_removed") == [1, 1, 1, 1]


def test_a_late_fact_takes_back_only_where_windows_are_open(book: Book) -> None:
    """The update stood for the like until the add came, too late for minutes: these keep what they had counted."""
    book.react("update", 3_600, "wow", offered=[3_601])
    book.react("add", 0, offered=[5 * DAY])
    tables = book.tables(retention=KEPT)
    assert [key[3].hour for key in tables["engagement_by_post_minute"]] == [13]
    assert [key[3].hour for key in tables["engagement_by_post_hour"]] == [12]


def test_people_are_known_whatever_window_has_closed(book: Book) -> None:
    book.react("add", 0, offered=[36 * DAY])
    tables = book.tables(retention=KEPT)
    assert len(tables["community_members"]) == 1
    (row,) = tables["engagement_by_account_day"].values()
    assert (row["unique_engagers"], row["new_engagers"]) == (1, 1)
