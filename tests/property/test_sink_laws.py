"""However the records of a log are cut into polls, the same rows come of them."""

from itertools import pairwise
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from contracts import tables
from contracts.identity import join_key
from sinks.postgres.batch import Reader
from sinks.records import Place

POST = tables.load()["engagement_by_post"]
PLACE = Place(POST.topic, 0)


class Logged(NamedTuple):
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    topic: str = POST.topic
    partition: int = 0
    timestamp: int = 0


@st.composite
def logs(draw: st.DrawFn) -> list[Logged]:
    """Rows and deletions of a few posts, the versions of each not decreasing, with unreadable records between."""
    version = 0
    log = []
    for offset in range(draw(st.integers(0, 40))):
        post = draw(st.sampled_from("abc"))
        version += draw(st.integers(0, 2))
        kind = draw(st.sampled_from(["row", "row", "row", "deletion", "unreadable"]))
        row = {"platform": "f", "account_id": "1", "post_id": post, "likes": offset + 1, "version": version}
        value = {"row": msgspec.json.encode(row), "deletion": None, "unreadable": b"?"}[kind]
        headers = (("version", str(version).encode()),) if value is None else ()
        log.append(Logged(offset, join_key("f", "1", post).encode(), value, headers))
    return log


def applied(polls: list[list[Logged]]) -> tuple[dict[str, tuple[int, int]], list[int]]:
    """What a table holds after the polls, by the rules of `statements.merged` and `deleted`; and what was refused."""
    reader, held, refused = Reader([POST]), dict[str, tuple[int, int]](), list[int]()
    for poll in polls:
        batch = reader.read({PLACE: poll})
        refused += [one.record.offset for one in batch.refused]
        for change in batch.changes[POST.topic].newest.values():
            name = str(change.grain[2] if change.row is None else getattr(change.row, "post_id"))  # noqa: B009
            known = held.get(name)
            if known is not None and known[0] > change.version:
                continue
            if change.row is None:
                held.pop(name, None)
            else:
                held[name] = (change.version, getattr(change.row, "likes"))  # noqa: B009
    return held, refused


@given(logs(), st.lists(st.integers(0, 40)))
def test_any_batching_of_a_log_gives_the_same_rows(log: list[Logged], cuts: list[int]) -> None:
    bounds = sorted({0, len(log), *(cut for cut in cuts if cut < len(log))})
    polls = [log[start:end] for start, end in pairwise(bounds)]
    assert applied(polls) == applied([[record] for record in log])


@given(logs())
def test_reading_a_log_again_changes_nothing(log: list[Logged]) -> None:
    assert applied([log, log])[0] == applied([log])[0]
