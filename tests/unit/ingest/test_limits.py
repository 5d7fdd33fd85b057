"""How deliveries are bounded."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ingest.limits import exceeds

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=40,
)


def depth(value: object) -> int:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(json_values, st.integers(0, 6))
def test_depth_is_measured_as_counting_would(value: object, max_depth: int) -> None:
    assert exceeds(json.dumps(value).encode(), 10**6, max_depth) == (depth(value) > max_depth)


def test_the_number_of_values_is_bounded() -> None:
    assert exceeds(b"[" + b"0," * 100 + b"0]", 100, 32)
    assert not exceeds(b"[" + b"0," * 100 + b"0]", 200, 32)
    assert not exceeds(json.dumps([",[{" * 100]).encode(), 100, 32)
