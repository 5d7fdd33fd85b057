"""What a set of facts counts, rule by rule."""

import pytest

from processors.engagement import counts, facts
from processors.engagement.facts import ADD, REMOVE, UPDATE, Fact, contribution

LIKE, LOVE = (facts.REACTION_OF[name] for name in ("like", "love"))


def fact(action: int, at: int, kind: int = LIKE, who: int = facts.PERSON, version: str | None = None) -> Fact:
    return Fact(at, action, who * facts.KINDS + kind, False, str(at) if version is None else version, None)


def counted(*of: Fact, standalone: bool = False) -> dict[tuple[int, str], int]:
    """(time, column) -> number."""
    found: dict[tuple[int, str], int] = {}
    for at, effect in contribution(of, standalone).effects:
        for name, amount in counts.columns(effect).items():
            found[at, name] = found.get((at, name), 0) + amount
    return found


def test_every_state_fits_into_its_bits() -> None:
    assert 3 * facts.KINDS <= 1 << facts.STATE_BITS


def test_a_packed_fact_comes_back_as_it_was() -> None:
    packed = facts.pack(1_790_000_001_000, ADD, LOVE)
    assert facts.unpack(packed) == (Fact(1_790_000_001_000, ADD, LOVE, False, "love:1790000001000", None),)


def test_only_what_the_same_person_does_to_an_addition_and_no_earlier_follows_up() -> None:
    added = facts.pack(1000, ADD, LIKE)
    assert facts.is_follow_up(added, fact(REMOVE, 1000))
    assert facts.is_follow_up(added, fact(UPDATE, 2000, LOVE))
    assert not facts.is_follow_up(added, fact(REMOVE, 999))
    assert not facts.is_follow_up(added, fact(ADD, 2000))
    assert not facts.is_follow_up(added, fact(facts.HIDE, 2000))
    assert not facts.is_follow_up(added, fact(REMOVE, 2000, who=facts.OWNER))
    assert not facts.is_follow_up(facts.pack(1000, ADD, facts.ANONYMOUS * facts.KINDS + LIKE), fact(REMOVE, 2000))


def test_a_like_counts_in_its_own_window() -> None:
    assert counted(fact(ADD, 1)) == {(1, "likes"): 1}


def test_a_changed_reaction_is_one_like_of_the_last_type() -> None:
    both = (fact(ADD, 1, LIKE), fact(UPDATE, 2, LOVE))
    assert counted(*both) == {(1, "likes"): 1}
    assert contribution(both, False).standing == {LOVE: 1}


def test_a_withdrawn_like_counts_in_both_windows_and_stands_no_more() -> None:
    both = (fact(ADD, 1), fact(REMOVE, 2))
    assert counted(*both) == {(1, "likes"): 1, (2, "likes_removed"): 1}
    assert contribution(both, False).standing == {}


def test_a_removal_before_its_add_gives_nothing() -> None:
    assert counted(fact(REMOVE, 1)) == {}
    assert counted(fact(REMOVE, 1), fact(ADD, 2)) == {(2, "likes"): 1}


def test_a_second_like_after_a_withdrawal_counts_again() -> None:
    assert counted(fact(ADD, 1), fact(REMOVE, 2), fact(ADD, 3)) == {
        (1, "likes"): 1,
        (2, "likes_removed"): 1,
        (3, "likes"): 1,
    }


def test_an_edit_that_came_before_its_comment_counts_until_the_comment_comes() -> None:
    edit = fact(UPDATE, 5, facts.COMMENT)
    assert counted(edit) == {(5, "comments"): 1}
    assert counted(edit, fact(ADD, 3, facts.COMMENT)) == {(3, "comments"): 1}


def test_a_reply_is_a_comment_too() -> None:
    assert counted(fact(ADD, 1, facts.REPLY)) == {(1, "comments"): 1, (1, "replies"): 1}


def test_hiding_changes_visibility_and_nothing_else() -> None:
    hidden = (fact(ADD, 1, facts.COMMENT), fact(facts.HIDE, 2, facts.COMMENT))
    assert counted(*hidden) == {(1, "comments"): 1, (2, "comments_hidden"): 1}
    shown = (*hidden, fact(facts.UNHIDE, 3, facts.COMMENT))
    assert counted(*shown)[3, "comments_hidden"] == -1


def test_the_owners_own_actions_are_in_no_other_column() -> None:
    own = (fact(ADD, 1, who=facts.OWNER), fact(REMOVE, 2, who=facts.OWNER))
    assert counted(*own) == {(1, "owner_likes"): 1, (2, "owner_likes"): -1}
    assert contribution(own[:1], False).standing == {}


def test_an_interaction_is_the_owners_as_soon_as_one_fact_says_so() -> None:
    assert counted(fact(ADD, 1, who=facts.ANONYMOUS), fact(REMOVE, 2, who=facts.OWNER)) == {
        (1, "owner_likes"): 1,
        (2, "owner_likes"): -1,
    }


def test_an_anonymous_comment_is_marked_until_somebody_names_its_author() -> None:
    nameless = fact(ADD, 1, facts.COMMENT, facts.ANONYMOUS, "")
    assert counted(nameless) == {(1, "comments"): 1, (1, "anonymous"): 1}
    named = facts.merge((nameless,), fact(ADD, 1, facts.COMMENT, facts.PERSON, ""))
    assert counted(*named) == {(1, "comments"): 1}


def test_facts_without_a_relation_stand_alone() -> None:
    assert counted(fact(REMOVE, 1, LOVE, facts.ANONYMOUS), standalone=True) == {(1, "likes_removed"): 1}
    assert contribution((fact(REMOVE, 1, LOVE, facts.ANONYMOUS),), True).standing == {LOVE: -1}
    assert counted(fact(UPDATE, 1, LOVE, facts.ANONYMOUS), standalone=True) == {}


@pytest.mark.parametrize("first", [0, 1])
def test_an_exact_time_beats_an_approximate_one_whichever_comes_first(first: int) -> None:
    approximate = fact(ADD, 1, facts.COMMENT, version="")._replace(approximate=True)
    exact = fact(ADD, 9, facts.COMMENT, version="")
    told = (approximate, exact)
    merged = facts.merge(facts.merge((), told[first]), told[1 - first])
    assert [(f.occurred_at, f.approximate) for f in merged] == [(9, False)]


def test_a_known_fact_changes_nothing() -> None:
    once = facts.merge((), fact(ADD, 1))
    assert facts.merge(once, fact(ADD, 1)) is once
