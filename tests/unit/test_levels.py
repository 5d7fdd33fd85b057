"""Orbit levels (O20) and gravity (O22), milestone by milestone."""

from itertools import islice

import pytest

from contracts.config import Weights
from processors.engagement import levels
from processors.engagement.activity import PRESENT, UNITS, only
from processors.engagement.standing import Rules, Standing

DAY = 20_000


def every(step: int, times: int) -> int:
    """Active on the last day, and every `step` days before, so many times."""
    return sum(1 << step * n for n in range(times))


@pytest.mark.parametrize(
    ("days", "level"),
    [
        (1, 0),
        (1 | 1 << 7, 0),
        (0b11, 4),
        (1 | 1 << 6, 4),
        (every(3, 5), 5),
        (0b11 | 0b11 << 7 | 0b11 << 14, 6),
        (0b1111111, 7),
        (every(4, 14), 7),
        (every(4, 15), 8),
        (every(4, 22), 9),
        (every(3, 30), 10),
        (every(3, 60), 11),
        (every(3, 90), 12),
        (every(3, 30) << 1, 10),
        ((1 << 30) - 1 << 90, 0),
    ],
)
def test_the_days_alone_give_the_level_of_the_furthest_milestone(days: int, level: int) -> None:
    assert levels.by_presence(days) == level


def test_what_weighs_more_than_the_days_decides() -> None:
    assert levels.level(1, 7) == 7
    assert levels.level(every(3, 30), 7) == 10
    assert levels.level(1, 0) == 1


def test_who_was_silent_for_ninety_days_has_no_level_whatever_stands() -> None:
    assert levels.level(1 << 89, 7) == 7
    assert levels.level(1 << 90, 7) == levels.NOBODYS


def test_gravity_of_the_published_example() -> None:
    first, second = (17, 8, 4, 1), (15, 9, 5, 1)
    assert levels.commitment(first) == 441
    assert levels.commitment(second) == 504
    assert (levels.commitment(second) - levels.commitment(first)) / sum(second) == pytest.approx(2.1)


def test_the_weights_are_configuration() -> None:
    like, share = only(DAY, UNITS["reaction"] + PRESENT), only(DAY, UNITS["share"] + PRESENT)
    assert [Rules(Weights()).standing(kept, DAY).level for kept in (like, share)] == [1, 7]
    assert [Rules(Weights(reaction=5, share=0)).standing(kept, DAY).level for kept in (like, share)] == [5, 1]


def test_one_day_and_several_days_are_judged_alike() -> None:
    rules = Rules(Weights())
    tally = UNITS["comment"] + PRESENT
    for day in range(DAY - 1, DAY + 100):
        assert rules.standing(only(DAY, tally), day) == rules.standing({DAY: tally}, day)


def test_standings_run_backwards_from_a_day() -> None:
    rules = Rules(Weights())
    kept = {DAY: UNITS["reaction"] + PRESENT, DAY + 29: UNITS["share"] + PRESENT, DAY + 30: -UNITS["share"]}
    of_last, of_one_before = islice(rules.standings(kept, DAY + 30), 2)
    assert of_last == Standing(activity=2, coming=0, level=1, before=7)
    assert of_one_before == Standing(activity=3, coming=3, level=7, before=1)
