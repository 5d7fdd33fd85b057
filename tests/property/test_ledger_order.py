"""The ledger's tables depend on the set of what was offered: not on order, repetition or batching."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.simulator.ledger import Fact, Ledger, Notes, Tables

PAGE, POST = "1001", "1001_2001"
NOON = 1_789_992_000
REACTIONS = ("like", "love", "wow")


class Offered(NamedTuple):
    """A fact, the times at which deliveries brought it, and whether they named the actor."""

    fact: Fact
    at: tuple[int, ...]
    named: bool


@st.composite
def offered(draw: st.DrawFn) -> Offered:
    """Few people, targets and seconds, so that ties and collisions are the rule."""
    kind = draw(st.sampled_from(("reaction", "comment", "share", "follow")))
    action = draw(st.sampled_from(("add", "update", "remove", "hide", "unhide")[: 5 if kind == "comment" else 3]))
    happened = NOON + draw(st.integers(0, 3)) * 40_000 + draw(st.integers(0, 2))
    to_comment = draw(st.booleans())
    subject = {
        "reaction": "2001_3001" if to_comment else POST,
        "comment": f"2001_300{draw(st.integers(1, 2))}",
        "share": f"400{draw(st.integers(1, 2))}",
        "follow": PAGE,
    }[kind]
    fact = Fact(
        account=PAGE,
        kind=kind,
        action=action,
        subject=subject,
        post={"follow": None, "share": draw(st.sampled_from((None, POST, f"{PAGE}_2002")))}.get(kind, POST),
        about=POST,
        at=happened * 1000,
        exact=kind in ("reaction", "follow") or action == "add",
        actor=draw(st.sampled_from(("ann", "bob", PAGE) if kind == "comment" else ("ann", "bob", PAGE, None))),
        reaction=draw(st.sampled_from(REACTIONS)) if kind == "reaction" else None,
        to_comment=to_comment and kind == "reaction",
    )
    times = draw(st.lists(st.integers(happened, happened + 90_000), min_size=1, max_size=3))
    return Offered(fact, tuple(times), draw(st.booleans()))


def tables(told: Sequence[tuple[Offered, int]], batch: int) -> Tables:
    """Evaluate deliveries of so many offers each; a batch has one time only if all of it does."""
    with TemporaryDirectory() as directory, Notes(Path(directory)) as notes:
        notes.account(PAGE, zone="Asia/Kathmandu", connected_at=0)
        numbers: dict[Any, int] = {}
        waiting: dict[int, list[tuple[int, bool]]] = {}
        for offer, at in told:
            key = id(offer)
            if key not in numbers:
                numbers[key] = notes.fact(offer.fact)
            waiting.setdefault(at, []).append((numbers[key], offer.named))
            if len(waiting[at]) >= batch:
                notes.delivered(at * 1000, waiting.pop(at))
        for at, rest in waiting.items():
            notes.delivered(at * 1000, rest)
        notes.flush()
        return Ledger.read(Path(directory)).evaluate()


@settings(max_examples=60)
@given(st.data(), st.lists(offered(), min_size=1, max_size=14))
def test_any_order_repetition_and_batching_gives_the_same_tables(data: st.DataObject, made: list[Offered]) -> None:
    told = [(offer, at) for offer in made for at in offer.at]
    again = data.draw(st.lists(st.sampled_from(told), max_size=6))
    shuffled = data.draw(st.permutations([*told, *again]))
    assert tables(shuffled, data.draw(st.integers(1, 4))) == tables(told, 1)


@settings(max_examples=60)
@given(st.lists(offered(), min_size=1, max_size=14))
def test_windows_add_up_to_the_lifetime(made: list[Offered]) -> None:
    found = tables([(offer, at) for offer in made for at in offer.at], 1)
    lifetime = found["engagement_by_post"].values()
    for grain in ("minute", "hour", "day"):
        rows = found[f"engagement_by_post_{grain}"].values()
        for column in ("likes", "likes_removed", "comments", "replies", "comments_hidden", "anonymous", "owner_likes"):
            assert sum(row[column] for row in rows) == sum(row[column] for row in lifetime)


@settings(max_examples=60)
@given(st.lists(offered(), min_size=1, max_size=14))
def test_standing_reactions_are_the_net_likes(made: list[Offered]) -> None:
    found = tables([(offer, at) for offer in made for at in offer.at], 1)
    net = sum(row["net_likes"] for row in found["engagement_by_post"].values())
    assert sum(row["reactions"] for row in found["reactions_by_post"].values()) == net
