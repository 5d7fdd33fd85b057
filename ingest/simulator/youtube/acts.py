"""What people do on YouTube, and how often. Likes and subscriptions only move counters: nobody is named."""

from collections.abc import Iterator
from functools import partial
from typing import cast

from ingest.simulator import authorship
from ingest.simulator.acts import ANSWER_DELAYS, ANSWERED
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.posts import Post, Remark
from ingest.simulator.story import Repertoire
from ingest.simulator.world import Act, World
from ingest.simulator.youtube.world import Video, is_nameless


def like(world: World, at: int) -> Iterator[Happening]:
    """Somebody likes a video, or no longer does."""
    video, person = world.draw_post(), world.people.draw(world.rng)
    video.react(person, None if person in video.reactions else "like")
    return iter(())


def subscribe(world: World, at: int) -> Iterator[Happening]:
    world.draw_page().follower_changes.append((at, world.rng.choice((1, 1, 1, -1))))
    return iter(())


def _about(verb: str, action: str, at: int, remark: Remark) -> Happening:
    channel, parent = remark.post.page, remark.parent
    fact = Fact(
        account=channel.id,
        kind="comment",
        action=action,
        subject=remark.id,
        post=remark.post.id,
        about=remark.post.id,
        at=at * 1000,
        exact=action in ("add", "update"),
        actor=remark.author,
        to_comment=parent is not None,
        parent=parent.id if parent else None,
    )
    is_named = not is_nameless(remark.author)
    return Happening(at, "comment", verb, channel, remark.author, is_named, remark.post, remark, remark.id, fact=fact)


def say(world: World, at: int, video: Post, parent: Remark | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody comments, or replies; now and then the channel will answer."""
    if not cast(Video, video).takes_comments:
        return
    remark = Remark(
        id=f"Ug{world.next_id()}",
        post=video,
        parent=parent,
        author=author or world.draw_actor(video.page),
        created_at=at,
        message=authorship.remark(world.rng),
    )
    world.add_comment(remark)
    if author is None and remark.author != video.page.id and world.rng.random() < ANSWERED:
        _, soonest, latest = world.rng.choices(ANSWER_DELAYS, [share for share, _, _ in ANSWER_DELAYS])[0]
        world.later(at + world.rng.randrange(soonest, latest), partial(_answer, remark))
    yield _about("add", "add", at, remark)


def _answer(remark: Remark, world: World, at: int) -> Iterator[Happening]:
    if not remark.is_removed and remark.post.deleted_at is None:
        yield from say(world, at, remark.post, cast(Remark | None, remark.parent) or remark, remark.post.page.id)


def comment(world: World, at: int) -> Iterator[Happening]:
    yield from say(world, at, world.draw_post(), None)


def _standing(world: World) -> Remark | None:
    """One of the latest comments of some video."""
    standing = [one for one in world.draw_post().comments[-30:] if not one.is_removed]
    return cast(Remark, world.rng.choice(standing)) if standing else None


def reply(world: World, at: int) -> Iterator[Happening]:
    if found := _standing(world):
        yield from say(world, at, found.post, cast(Remark | None, found.parent) or found)


def edit(world: World, at: int) -> Iterator[Happening]:
    """Somebody edits a comment of before this second."""
    if (found := _standing(world)) and found.created_at < at:
        found.message = authorship.remark(world.rng)
        found.edited_at = at
        yield _about("edited", "update", at, found)


def remove(world: World, at: int) -> Iterator[Happening]:
    """A comment goes, its replies with it."""
    if found := _standing(world):
        for gone in (*found.replies, found):
            if not gone.is_removed:
                gone.is_removed = True
                gone.post.live_comments -= 1
                gone.post.live_replies -= gone.parent is not None
                yield _about("remove", "remove", at, cast(Remark, gone))


def _told(verb: str, at: int, video: Post) -> Happening:
    return Happening(at, "video", verb, video.page, video.page.id, True, video)


def published(video: Post) -> Iterator[Happening]:
    yield _told("published", video.created_at, video)


def rename(world: World, at: int) -> Iterator[Happening]:
    video = world.draw_post()
    video.wordings.append(authorship.wording(world.rng, at, at % 10_000))
    yield _told("changed", at, video)


def delete(world: World, at: int) -> Iterator[Happening]:
    video = world.draw_post()
    video.deleted_at = at
    yield _told("deleted", at, video)


_TABLE: tuple[tuple[float, Act], ...] = (
    (40.0, like),
    (4.0, subscribe),
    (32.0, comment),
    (16.0, reply),
    (3.0, edit),
    (2.0, remove),
    (2.0, rename),
    (0.2, delete),
)
_WEIGHTS = [weight for weight, _ in _TABLE]
_ACTS = [act for _, act in _TABLE]


def _draw(world: World) -> Act:
    return world.rng.choices(_ACTS, _WEIGHTS)[0]


def _nothing(_world: World) -> None:
    """Nobody has an appointment."""


REPERTOIRE = Repertoire(_nothing, _draw, published)
