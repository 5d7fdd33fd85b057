"""What the collector is spared: state stays out of its sight, and garbage of live traffic is still found."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from processors.engine import worker


class Node:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_state_that_a_flush_left_behind_is_not_looked_at_again() -> None:
    rows = [[number] for number in range(1000)]
    worker.settle_young()
    assert not any(found is rows[0] for found in gc.get_objects())


def test_garbage_of_live_traffic_is_collected_before() -> None:
    gc.collect()
    gone = weakref.ref(Node())
    worker.settle_young()
    assert gone() is None
