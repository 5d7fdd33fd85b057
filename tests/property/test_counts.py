"""Counts that are packed into one integer behave as columns that are added one by one."""

from hypothesis import given
from hypothesis import strategies as st

from processors.engagement import counts

Columns = dict[str, int]
columns = st.dictionaries(st.sampled_from(counts.NAMES), st.integers(-(10**11), 10**11))


def packed(values: Columns) -> int:
    return counts.of((counts.UNIT[name], value) for name, value in values.items())


@given(columns, columns)
def test_what_is_added_packed_is_added_column_by_column(one: Columns, other: Columns) -> None:
    together = {name: one.get(name, 0) + other.get(name, 0) for name in counts.NAMES}
    assert counts.columns(packed(one) + packed(other)) == {name: value for name, value in together.items() if value}
    assert counts.columns(packed(one) - packed(one)) == {}


@given(columns)
def test_engagements_are_likes_comments_and_shares_whatever_else_there_is(values: Columns) -> None:
    assert counts.engagements(packed(values)) == sum(values.get(name, 0) for name in ("likes", "comments", "shares"))
