"""What is kept of a person: tallies of days, in the smallest form."""

from processors.engagement import activity
from processors.engagement.activity import PRESENT, UNITS, changed, counts, only, packed

DAY = 20_000
LIKE, SHARE = UNITS["reaction"], UNITS["share"]


def test_one_day_packs_into_an_integer_that_grows_by_adding() -> None:
    kept = changed(None, DAY, LIKE + PRESENT)
    assert kept == only(DAY, LIKE + PRESENT)
    assert changed(kept, DAY, SHARE + PRESENT) == only(DAY, LIKE + SHARE + 2 * PRESENT)


def test_a_like_takes_no_more_memory_than_a_small_integer() -> None:
    assert only(DAY, LIKE + PRESENT).bit_length() <= 60


def test_what_is_taken_back_on_another_day_stands_until_then() -> None:
    kept = changed(only(DAY, LIKE + PRESENT), DAY + 3, -LIKE)
    assert kept == {DAY: LIKE + PRESENT, DAY + 3: -LIKE}
    for day, stands in ((DAY - 1, 0), (DAY, 1), (DAY + 2, 1), (DAY + 3, 0)):
        _, total = activity.seen(activity.days_of(kept), day)
        assert counts(total)[activity.KINDS.index("reaction")] == stands


def test_counts_of_every_kind_may_be_negative_side_by_side() -> None:
    wanted = [-1, 2, -3, 4, -5, 6, -7]
    tally = 9 * PRESENT + sum(n * UNITS[kind] for n, kind in zip(wanted, activity.KINDS, strict=True))
    assert counts(tally) == wanted
    assert activity.is_present(tally)
    assert counts(tally - 9 * PRESENT) == wanted
    assert not activity.is_present(tally - 9 * PRESENT)


def test_nothing_is_left_of_a_day_whose_presence_and_effects_went() -> None:
    assert changed(only(DAY, LIKE + PRESENT), DAY, -LIKE - PRESENT) is None
    assert changed({DAY: LIKE + PRESENT, DAY + 1: PRESENT}, DAY + 1, -PRESENT) == only(DAY, LIKE + PRESENT)


def test_a_day_without_presence_does_not_pack() -> None:
    assert packed({DAY: LIKE}) == {DAY: LIKE}
    assert packed({DAY: PRESENT - LIKE}) == {DAY: PRESENT - LIKE}


def test_going_backwards_is_looking_from_every_day() -> None:
    days = {DAY: LIKE + PRESENT, DAY + 2: SHARE, DAY + 5: PRESENT - LIKE, DAY - 40: PRESENT}
    history = activity.backwards(days, DAY + 6)
    for day in range(DAY + 6, DAY - 45, -1):
        assert next(history) == activity.seen(days, day)


def test_folding_old_days_together_keeps_first_weeks_and_what_stands() -> None:
    days = {DAY + n: LIKE + PRESENT for n in range(0, 1500, 2)} | {DAY - 9: SHARE}
    kept = activity.shortened(days, DAY + 1400)
    assert len(kept) < 50 + activity.MARKED_WEEKS + 1
    assert sum(kept.values()) == sum(days.values())
    for of in (days, kept):
        of.pop(DAY - 9, None)
    assert min(kept) == min(days)
    first = activity.week_of(DAY)
    weeks = [{w for day in of if (w := activity.week_of(day) - first) < activity.MARKED_WEEKS} for of in (days, kept)]
    assert weeks[0] == weeks[1]
    assert {day for day in days if day >= DAY + 1400} == {day for day in kept if day >= DAY + 1400}


def test_what_is_written_can_be_read() -> None:
    for kept in (only(DAY, LIKE + PRESENT), {DAY: -LIKE}, {DAY: LIKE + PRESENT, DAY + 1: -SHARE}):
        assert activity.read(activity.written(kept)) == kept
