"""Names are injective whatever they are made of."""

from hypothesis import given
from hypothesis import strategies as st

from contracts import identity

parts = st.lists(st.text(alphabet=st.sampled_from("a|%7C25"), max_size=4), min_size=1, max_size=4)


@given(parts)
def test_a_joined_key_comes_apart_again(names: list[str]) -> None:
    assert identity.split_key(identity.join_key(*names)) == tuple(names)


@given(parts, parts)
def test_different_parts_never_share_a_digest(one: list[str], other: list[str]) -> None:
    assert (identity.digest(*one) == identity.digest(*other)) == (one == other)


def test_the_same_fact_has_the_same_id_for_ever() -> None:
    name = identity.event_id("facebook", "1001", "reaction", "reaction|1001_2001|ann", "add", "love:1790000001000")
    assert name == "e7f1a324edfcd2cf4e94cbbc592cb5f9"
