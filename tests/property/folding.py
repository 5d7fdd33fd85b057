"""Random days of engagement, and a way to fold them and look at the rows."""

import datetime as dt
from collections.abc import Iterable, Sequence

from hypothesis import strategies as st
from msgspec.structs import replace

from contracts import identity, topics
from contracts.codec import encode
from contracts.config import Account, Brand, Config
from contracts.events import SCHEMA, TICK_KEY, Action, EngagementEvent, Kind, Reaction, Tick
from processors.engagement import rows
from processors.engagement.organic import Organic, processor
from processors.engine.state import Change, Record

NOON = 1_790_000_000_000 - 1_790_000_000_000 % 86_400_000 + 12 * 3_600_000
PAGES = ("1001", "1002")
ZONES = ("Pacific/Auckland", "America/St_Johns")
REACTIONS: tuple[Reaction, ...] = ("like", "love", "wow")
CAT = f"{0xCA7:032x}"
"""A pseudonym as ingest makes them; the other people have names that are easier to read."""

Row = dict[str, object]
Rows = dict[tuple[str, bytes], Row]


def config() -> Config:
    """Two pages whose days differ from each other and from UTC's."""
    connected = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    accounts = tuple(
        Account("facebook", page, page, "acme", connected, zone) for page, zone in zip(PAGES, ZONES, strict=True)
    )
    return Config(brands={"acme": Brand("Acme")}, accounts=accounts)


def event(
    *,
    page: str = "1001",
    kind: Kind = "reaction",
    action: Action = "add",
    actor: str | None = "ann",
    target: str = "p1",
    reaction: Reaction | None = "like",
    at: int = NOON,
    exact: bool = True,
    object_id: str = "c1",
    parent: str | None = None,
    owner: bool = False,
    post: str | None = "p1",
    edit: str = "",
    url: str | None = None,
) -> EngagementEvent:
    """An event with the identity that ingest would give it."""
    if kind in ("reaction", "follow"):
        reaction = reaction or "like"
        version = identity.reaction_version(reaction, at if exact else None)
        if actor is None:
            key = identity.anonymous_interaction(kind, target, action, reaction, str(at))
        elif kind == "reaction":
            key = identity.reaction_interaction(target, actor)
        else:
            key = identity.follow_interaction(page, actor)
    else:
        key, version, reaction = identity.object_interaction(kind, object_id), edit, None
    return EngagementEvent(
        schema=SCHEMA,
        event_id=identity.event_id("facebook", page, kind, key, action, version),
        platform="facebook",
        account_id=page,
        kind=kind,
        action=action,
        interaction_key=key,
        version_key=version,
        post_id=None if kind in ("follow", "mention") else post,
        target_id=page if kind in ("follow", "mention") else target,
        occurred_at=at,
        occurred_quality="exact" if exact else "approx",
        received_at=NOON,
        channel="webhook",
        actor_id=actor,
        actor_is_owner=owner,
        parent_id=parent,
        reaction=reaction,
        url=url,
    )


@st.composite
def events(draw: st.DrawFn) -> EngagementEvent:
    """Few people, posts and moments, so that facts collide in every way; times span a day border in both zones."""
    page = draw(st.sampled_from(PAGES))
    kind: Kind = draw(st.sampled_from(("reaction", "reaction", "comment", "comment", "share", "follow", "mention")))
    at = NOON + draw(st.sampled_from((0, 1, 61_000, 3_700_000, 15 * 3_600_000, 26 * 3_600_000)))
    post = draw(st.sampled_from((f"{page}_1", f"{page}_2")))
    if kind in ("reaction", "follow"):
        actor = draw(st.sampled_from(("ann", "bob", "page", None)))
        return event(
            page=page,
            kind=kind,
            action=draw(st.sampled_from(("add", "add", "update", "remove"))),
            actor=actor,
            target=draw(st.sampled_from((post, f"{post}_c"))),
            reaction=draw(st.sampled_from(REACTIONS)) if kind == "reaction" else "like",
            at=at,
            exact=draw(st.booleans()) if actor else True,
            owner=actor == "page",
            post=post,
        )
    number = draw(st.sampled_from((1, 2, 3)))
    actor = draw(st.sampled_from((("ann", CAT, "page")[number - 1], None)))
    action: Action = draw(st.sampled_from(("add", "update", "remove", "hide", "unhide")))
    return event(
        page=page,
        kind=kind,
        action="add" if kind != "comment" and action in ("hide", "unhide") else action,
        actor=actor,
        target=post,
        at=at,
        exact=draw(st.booleans()),
        object_id=f"{post}_{number}",
        parent=f"{post}_c" if number == 2 else None,
        owner=actor == "page",
        post=post if number < 3 or kind == "comment" else None,
        edit=draw(st.sampled_from(("", "e1"))) if action == "update" else "",
    )


def moved(one: EngagementEvent, at: int) -> EngagementEvent:
    """The same at another time, with the identity that it then has."""
    if one.kind not in ("reaction", "follow"):
        return replace(one, occurred_at=at)
    reaction, key = one.reaction or "like", one.interaction_key
    if one.actor_id is None:
        key = identity.anonymous_interaction(one.kind, one.target_id, one.action, reaction, str(at))
    version = identity.reaction_version(reaction, at if one.occurred_quality == "exact" else None)
    return replace(one, occurred_at=at, interaction_key=key, version_key=version)


def records(of: Iterable[EngagementEvent]) -> list[Record]:
    """As they lie in the topic."""
    return [(offset, identity.account_key(e.platform, e.account_id), encode(e)) for offset, e in enumerate(of)]


def tick(at: int) -> Record:
    return 0, TICK_KEY, encode(Tick(SCHEMA, at))


def new_state(generation: int = 0) -> Organic:
    state = processor(config()).new_state(generation, 0, 1)
    assert isinstance(state, Organic)
    return state


def fold(batches: Iterable[Sequence[Record]], state: Organic | None = None) -> tuple[Organic, list[Change]]:
    """Fold batch by batch with a flush after each; returns everything that was written."""
    state = state or new_state()
    written: list[Change] = []
    for number, batch in enumerate(batches):
        state.fold(topics.EVENTS.name, batch)
        written.extend(state.changes(number))
    return state, written


def reload(state: Organic, written: Sequence[Change]) -> None:
    """As the engine recovers: topic by topic, oldest first."""
    for topic in dict.fromkeys(topic for topic, _, _ in written):
        state.load(topic, [(n, key, value) for n, (t, key, value) in enumerate(written) if t == topic])


def latest(written: Iterable[Change]) -> Rows:
    """The rows as they stand: the newest record of each key, without its version."""
    standing: Rows = {}
    for topic, key, value in written:
        if topic not in rows.BY_TOPIC:
            continue
        if value is None:
            standing.pop((topic, key), None)
            continue
        grain, values, _ = rows.read(topic, value)
        names = [column.name for column in rows.BY_TOPIC[topic].wire_columns]
        standing[topic, key] = dict(zip(names, [*grain, *values], strict=True))
    return standing
