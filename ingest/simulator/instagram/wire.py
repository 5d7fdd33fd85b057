"""Happenings as Instagram pushes them: three fields, no verbs, no times of their own, and several envelopes."""

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from ingest.simulator.graph.nodes import LIFETIME, Value
from ingest.simulator.happenings import Happening
from ingest.simulator.instagram.acts import ON_LIVE_VIDEO
from ingest.simulator.instagram.malformed import Malformed
from ingest.simulator.instagram.world import FORMATS
from ingest.simulator.outbox import Dialect
from ingest.simulator.population import People
from ingest.simulator.wire import Change, dumps

OTHER_NAME = 0.05
"""Share of the comments whose id has its other name."""
FLOOR = 5
STORY_METRICS = ("impressions", "reach", "taps_forward", "taps_back", "exits", "replies")


def changes(happening: Happening, rng: Random) -> list[Change]:
    """One change for what is pushed at all."""
    field = happening.item
    shows: tuple[Value, ...] = ()
    match happening.item:
        case "comment":
            field = "live_comments" if rng.random() < ON_LIVE_VIDEO else "comments"
            value = _comment(happening, rng)
        case "mentions":
            value = {"media_id": happening.object_id}
            if int(happening.object_id or 0) % 3:
                value = {"media_id": str(int(happening.object_id or 0) * 10), "comment_id": happening.object_id}
        case _:
            figures = {metric: rng.choice((0, 3, 40, 900)) for metric in STORY_METRICS}
            value = {"media_id": happening.object_id} | {name: _floored(number) for name, number in figures.items()}
            shows = tuple(_shown(happening.object_id, name, number) for name, number in figures.items())
    return [
        Change(
            page=happening.page.id,
            text=dumps({"field": field, "value": value}),
            number=happening.number,
            names_actor=happening.names_actor,
            shows=shows,
            relation=happening.relation,
            action=happening.fact.action if happening.fact else None,
            made_at=happening.at,
        )
    ]


def _comment(happening: Happening, rng: Random) -> dict[str, Any]:
    remark = happening.comment
    assert remark is not None, "a comment that there is not"
    kind = "REELS" if remark.post.format == FORMATS[-1] else "FEED"
    value: dict[str, Any] = {
        "comment_id" if rng.random() < OTHER_NAME else "id": remark.id,
        "text": happening.message,
        "media": {"id": remark.post.id, "media_product_type": kind},
    }
    if happening.names_actor:
        value["from"] = {"id": remark.author, "username": People.name(remark.author)}
        if remark.author == happening.page.id:
            value["from"] = {
                "id": remark.author,
                "username": happening.page.name,
                "self_ig_scoped_id": scoped(happening.page.id),
            }
    if remark.parent is not None:
        value["parent_id"] = remark.parent.id
    return value


def scoped(account: str) -> str:
    """An account's own id among those of people."""
    return str(int(account) - 10**16)


def _floored(number: int) -> int:
    """Below five it is not told how many."""
    return -1 if 0 < number < FLOOR else number


def _shown(story: str | None, metric: str, number: int) -> Value:
    is_told = _floored(number) == number
    return story, metric, LIFETIME, number if is_told else None, "known" if is_told else "floored"


def body(sent_at: int, of_accounts: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """A delivery in one of the envelopes: `changes[]` or flat, alone or in a list, its time in one of two units."""
    flat, listed = sent_at % 2 == 0, sent_at % 3 == 0
    time = sent_at * 1000 if sent_at % 5 == 0 else sent_at
    entries = []
    for account, texts in of_accounts:
        start = f'{{"id":"{account}","time":{time},'
        if flat:
            entries += [f"{start}{text[1:-1]}}}" for text in texts]
        else:
            entries.append(f'{start}"changes":[{",".join(texts)}]}}')
    envelope = f'{{"object":"instagram","entry":[{",".join(entries)}]}}'
    return (f"[{envelope}]" if listed else envelope).encode("ascii")


def _spoiler() -> Malformed:
    return Malformed(body)


DIALECT = Dialect(changes, body, _spoiler, frozenset(("hide", "unhide", "remove")))
