"""What the ledger counts, rule by rule of `docs/semantics.md` section 1."""

from tests.unit.simulator.conftest import PAGE, POST, Book, moment

LIKE = {"likes": 1, "net_likes": 1, "unique_engagers": 1}


def minutes(book: Book, column: str, table: str = "engagement_by_post_minute") -> dict[int, int]:
    """Minute after noon -> number."""
    rows = book.tables()[table]
    return {int((key[-1] - moment(0)).total_seconds() // 60): row[column] for key, row in rows.items() if row[column]}


def test_a_like_counts_once_however_often_it_is_delivered(book: Book) -> None:
    book.react("add", 0, offered=[0, 5, 900])
    assert book.post() == LIKE
    assert book.reactions() == {"like": 1}


def test_a_like_that_was_never_offered_counts_nowhere(book: Book) -> None:
    book.react("add", 0, offered=False)
    assert book.tables()["engagement_by_post"] == {}


def test_another_reaction_moves_one_and_touches_no_window(book: Book) -> None:
    book.react("add", 0, "love")
    book.react("update", 120, "wow")
    assert book.post() == LIKE
    assert book.reactions() == {"wow": 1}
    assert minutes(book, "likes") == {0: 1}


def test_a_removal_counts_in_its_own_window_and_removes_what_stood(book: Book) -> None:
    book.react("add", 0, "love")
    book.react("remove", 120, "love")
    assert minutes(book, "likes") == {0: 1}
    assert minutes(book, "likes_removed") == {2: 1}
    assert book.reactions() == {}


def test_a_removal_without_an_add_is_nothing(book: Book) -> None:
    book.react("remove", 0)
    assert book.tables()["engagement_by_post_minute"] == {}


def test_the_order_of_arrival_is_irrelevant_to_a_removal_that_overtook_its_add(book: Book) -> None:
    book.react("remove", 120, offered=[1])
    book.react("add", 0, offered=[2000])
    assert minutes(book, "likes_removed") == {2: 1}


def test_a_re_add_counts_again(book: Book) -> None:
    for action, at in (("add", 0), ("remove", 60), ("add", 120)):
        book.react(action, at)
    assert minutes(book, "likes") == {0: 1, 2: 1}
    assert book.reactions() == {"like": 1}


def test_an_edit_whose_add_is_unknown_makes_the_reaction_stand(book: Book) -> None:
    book.react("update", 0, "wow")
    assert book.post() == LIKE
    assert book.reactions() == {"wow": 1}


def test_of_one_second_the_add_comes_first_and_the_removal_last(book: Book) -> None:
    book.react("remove", 0, "wow")
    book.react("update", 0, "wow")
    book.react("add", 0)
    assert book.post() == {"likes": 1, "likes_removed": 1, "unique_engagers": 1}
    assert book.reactions() == {}


def test_two_edits_of_one_second_are_walked_by_their_reaction(book: Book) -> None:
    book.react("add", 0)
    book.react("update", 5, "wow")
    book.react("update", 5, "angry")
    assert book.reactions() == {"wow": 1}


def test_an_untimed_removal_takes_the_earliest_time_at_which_it_was_offered(book: Book) -> None:
    book.react("add", 0)
    book.react("remove", 30, exact=False, offered=[600, 240])
    assert minutes(book, "likes_removed") == {4: 1}


def test_replies_are_a_part_of_comments(book: Book) -> None:
    book.comment("add", 0)
    book.comment("add", 0, "2001_3002", to_comment=True, actor="bob")
    assert book.post() == {"comments": 2, "net_comments": 2, "replies": 1, "unique_engagers": 2}


def test_a_removed_reply_is_removed_from_both(book: Book) -> None:
    book.comment("add", 0, to_comment=True)
    book.comment("remove", 5, to_comment=True)
    found = book.post()
    assert (found["comments_removed"], found["replies_removed"]) == (1, 1)


def test_a_comments_edit_counts_nothing_but_presence(book: Book) -> None:
    book.comment("add", 0)
    book.comment("update", 90_000)
    days = book.tables()["engagement_by_account_day"]
    assert {key[2].day: (row["comments"], row["unique_engagers"]) for key, row in days.items()} == {
        21: (1, 1),
        22: (0, 1),
    }


def test_hiding_is_walked_apart_and_a_hidden_comment_stays_counted(book: Book) -> None:
    book.comment("add", 0)
    book.comment("hide", 60)
    assert book.post()["net_comments"] == 1
    assert minutes(book, "comments_hidden") == {1: 1}
    book.comment("unhide", 120)
    assert minutes(book, "comments_hidden") == {1: 1, 2: -1}
    assert "comments_hidden" not in book.post()


def test_showing_what_was_never_hidden_is_nothing(book: Book) -> None:
    book.comment("unhide", 60)
    assert book.tables()["engagement_by_post_minute"] == {}


def test_the_page_itself_is_in_the_owner_columns_alone(book: Book) -> None:
    book.react("add", 0, actor=PAGE)
    book.comment("add", 0, actor=PAGE, to_comment=True)
    book.comment("hide", 1, actor=PAGE, to_comment=True)
    book.follow("add", 0, actor=PAGE)
    assert book.post() == {"owner_likes": 1, "owner_comments": 1}
    assert book.reactions() == {}
    (day,) = book.tables()["engagement_by_account_day"].values()
    assert (day["owner_follows"], day["follows"], day["unique_engagers"]) == (1, 0, 0)


def test_what_the_page_takes_back_is_netted(book: Book) -> None:
    book.react("add", 0, actor=PAGE)
    book.react("remove", 120, actor=PAGE)
    assert book.tables()["engagement_by_post"] == {}
    assert minutes(book, "owner_likes") == {0: 1, 2: -1}


def test_reactions_without_an_actor_stand_alone(book: Book) -> None:
    book.react("add", 0, actor=None)
    book.react("add", 1, actor=None)
    book.react("update", 2, "wow", actor=None)
    book.react("remove", 3, "love", actor=None)
    assert book.post() == {"likes": 2, "likes_removed": 1, "net_likes": 1, "anonymous": 2}
    assert book.reactions() == {"like": 2, "love": -1}


def test_equal_ones_without_an_actor_count_once(book: Book) -> None:
    book.react("add", 0, actor=None)
    book.react("add", 0, actor=None)
    assert book.post()["likes"] == 1


def test_a_comment_without_an_actor_is_anonymous_until_any_delivery_names_who(book: Book) -> None:
    number = book.comment("add", 0, offered=False)
    book.notes.delivered(moment_ms(5), [(number, False)])
    assert book.post() == {"comments": 1, "net_comments": 1, "anonymous": 1}
    book.notes.listed(moment_ms(9), [(number, True, None)])
    assert book.post() == {"comments": 1, "net_comments": 1, "unique_engagers": 1}


def moment_ms(number: int) -> int:
    return int(moment(number).timestamp() * 1000)


def test_a_share_of_an_unknown_post_counts_in_account_rows_only(book: Book) -> None:
    book.share("add", 0, post=None, about=POST)
    assert book.tables()["engagement_by_post"] == {}
    assert minutes(book, "shares", "engagement_by_account_minute") == {0: 1}


def test_a_share_of_a_known_post_counts_in_both(book: Book) -> None:
    book.share("add", 0)
    book.share("remove", 30, offered=[61])
    assert minutes(book, "shares") == {0: 1}
    assert minutes(book, "shares_removed", "engagement_by_account_minute") == {1: 1}


def test_a_page_like_is_no_posts_matter(book: Book) -> None:
    book.follow("add", 0)
    book.follow("remove", 60)
    tables = book.tables()
    assert tables["engagement_by_post"] == {}
    (day,) = tables["engagement_by_account_day"].values()
    assert (day["follows"], day["follows_removed"], day["likes"], day["unique_engagers"]) == (1, 1, 0, 1)


def test_reactions_to_comments_are_no_likes(book: Book) -> None:
    book.react("add", 0, subject="2001_3001", to_comment=True)
    book.react("remove", 60, subject="2001_3001", to_comment=True)
    assert book.post() == {"comment_reactions": 1, "comment_reactions_removed": 1, "unique_engagers": 1}
    assert book.reactions() == {}


def test_a_removal_does_not_undo_a_presence(book: Book) -> None:
    book.react("add", 0)
    book.react("remove", 1)
    assert book.post()["unique_engagers"] == 1


def test_somebody_is_new_on_the_day_of_the_earliest_fact_whenever_it_arrives(book: Book) -> None:
    def people() -> dict[int, tuple[int, int, int]]:
        rows = book.tables()["engagement_by_account_day"].items()
        return {
            key[2].day: (row["unique_engagers"], row["new_engagers"], row["returning_engagers"]) for key, row in rows
        }

    book.react("add", 90_000)
    assert people() == {22: (1, 1, 0)}
    book.comment("add", 0, offered=[95_000])
    assert people() == {21: (1, 1, 0), 22: (1, 0, 1)}
