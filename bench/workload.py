"""The workload: what people do on 200 Pages, the same for the same seed, as events and as Facebook's webhook tells it.

Of the deliveries 3 % are repeated, 5 % take something back and 3 % change a reaction; of what is new 80 % are
reactions, 14 % comments and 6 % shares. Few posts and people get most of it. Times are up to 40 s older than the
place in the log, so that neighbours lie up to 20 s before or behind each other's mean.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple

from contracts.config import Account, Brand, Config
from contracts.events import Action, EngagementEvent, Kind
from ingest.identity import pseudonymiser
from ingest.platforms import Receipt
from ingest.platforms.facebook import facts
from ingest.simulator import wire

PAGES, POSTS, PEOPLE = 200, 20_000, 200_000
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
STEP_MS = 5
START = 1_790_000_000_000
REPEATED, REMOVED, CHANGED = 0.03, 0.05, 0.03
OLDEST_MS = 40_000
RECENT = 20_000
"""What may be repeated, taken back or changed: so many of the newest acts."""

_REACTIONS = ("like",) * 6 + ("love", "wow")
_VERBS = {"add": "add", "update": "edit", "remove": "remove"}


class Act(NamedTuple):
    """Something that somebody did. `at` is epoch milliseconds, in whole seconds as Facebook says it."""

    page: str
    kind: Kind
    action: Action
    post: str
    actor: str
    at: int
    sent_at: int
    reaction: str = ""
    object_id: str = ""
    parent_id: str = ""


def config() -> Config:
    """The Pages of the workload."""
    connected = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    accounts = (
        Account("facebook", _page(number), f"Page {number}", "bench", connected, ZONES[number % len(ZONES)])
        for number in range(PAGES)
    )
    return Config(brands={"bench": Brand("Bench")}, accounts=tuple(accounts))


def acts(
    count: int, seed: int = 1, clock: Callable[[int], int] = lambda number: START + number * STEP_MS
) -> Iterator[Act]:
    """`count` acts in the order of their delivery; `clock` says when delivery `number` is sent."""
    rng = Random(seed)
    recent: list[Act] = []
    reacted: set[tuple[str, str]] = set()
    for number in range(count):
        now = clock(number)
        at = (now - rng.randrange(OLDEST_MS)) // 1000 * 1000
        dice = rng.random()
        if recent and dice < REPEATED:
            yield rng.choice(recent)._replace(sent_at=now)
            continue
        if recent and dice < REPEATED + REMOVED:
            act = recent.pop(rng.randrange(len(recent)))
            reacted.discard((act.post, act.actor))
            yield act._replace(action="remove", at=at, sent_at=now)
            continue
        place = rng.randrange(len(recent)) if recent else 0
        if recent and dice < REPEATED + REMOVED + CHANGED and recent[place].kind == "reaction":
            act = recent[place] = recent[place]._replace(
                action="update", reaction=rng.choice(("love", "wow", "haha")), at=at, sent_at=now
            )
            yield act
            continue
        act = _new(rng, number, at, now, reacted)
        if len(recent) < RECENT:
            recent.append(act)
        else:
            recent[rng.randrange(RECENT)] = act
        yield act


def _new(rng: Random, number: int, at: int, now: int, reacted: set[tuple[str, str]]) -> Act:
    index = int(POSTS * rng.random() ** 3)
    page = _page(index % PAGES)
    post = f"{page}_{5_000_000 + index}"
    actor = _person(rng)
    dice = rng.random()
    if dice < 0.8:
        while (post, actor) in reacted:  # who has reacted changes or removes it; Facebook sends no second add
            actor = _person(rng)
        reacted.add((post, actor))
        return Act(page, "reaction", "add", post, actor, at, now, rng.choice(_REACTIONS))
    if dice < 0.94:
        parent = f"{5_000_000 + index}_{number // 2}" if rng.random() < 0.25 else ""
        return Act(page, "comment", "add", post, actor, at, now, "", f"{5_000_000 + index}_{number}", parent)
    return Act(page, "share", "add", post, actor, at, now, "", str(700_000_000 + number))


def _page(number: int) -> str:
    return str(100_000_000 + number)


def _person(rng: Random) -> str:
    return str(9_000_000_000 + int(PEOPLE * rng.random() ** 2))


class Events:
    """Acts as the events that ingest writes, with the pseudonyms of `identity_key`."""

    def __init__(self, identity_key: str = "bench") -> None:
        self._pseudonym = cache(pseudonymiser(identity_key, "facebook"))

    def event_id(self, act: Act) -> str:
        """What the event of the act is called."""
        return self.of(act).event_id

    def of(self, act: Act) -> EngagementEvent:
        receipt = Receipt(act.sent_at, "webhook", f"{act.sent_at:016x}", {}, self._pseudonym, visitor=str, customer=str)
        is_exact = act.kind == "reaction" or act.action == "add"  # a deletion has the time of its delivery
        at = act.at if is_exact else act.sent_at // 1000 * 1000
        context = facts.Context(act.page, act.actor, at, is_exact, receipt)
        match act.kind:
            case "reaction":
                return facts.reaction(
                    context, action=act.action, post_id=act.post, target_id=act.post, native=act.reaction
                )
            case "comment":
                return facts.comment(
                    context,
                    action=act.action,
                    comment_id=act.object_id,
                    post_id=act.post,
                    parent_id=act.parent_id or act.post,
                    edited_at=None,
                    message=_message(act),
                )
            case _:
                return facts.share(context, action=act.action, share_id=act.object_id, post_id=act.post)


def delivery(some: Iterable[Act]) -> bytes:
    """The body that brings these acts in one webhook delivery."""
    batch = list(some)
    by_page: dict[str, list[str]] = {}
    for act in batch:
        by_page.setdefault(act.page, []).append(wire.dumps({"field": "feed", "value": _value(act)}))
    return wire.body(max(act.sent_at for act in batch) // 1000, by_page.items())


def _value(act: Act) -> dict[str, Any]:
    value: dict[str, Any] = {
        "item": act.kind,
        "verb": _VERBS[act.action],
        "from": {"id": act.actor, "name": f"Person {act.actor}"},
        "post_id": act.post,
        "parent_id": act.parent_id or act.post,
        "created_time": act.at // 1000,
    }
    if act.kind == "reaction":
        value["reaction_type"] = act.reaction
    elif act.kind == "comment":
        value["comment_id"] = act.object_id
        if (message := _message(act)) is not None:
            value["message"] = message
    else:
        value |= {"share_id": int(act.object_id), "post_id": f"{act.page}_{act.object_id}"}
    return value


def _message(act: Act) -> str | None:
    return f"What I wanted to say, number {act.object_id}: well done!" if act.action == "add" else None
