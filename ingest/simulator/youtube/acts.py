"""What people do on YouTube, and how often. Likes and subscriptions only move counters: nobody is named."""

from collections.abc import Iterator
from typing import cast

from ingest.simulator import authorship, remarks
from ingest.simulator.happenings import Happening
from ingest.simulator.posts import Post, Remark
from ingest.simulator.story import by_chance
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
    channel = remark.post.page
    fact = remarks.fact(remark, action, at, exact=action in ("add", "update"))
    is_named = not is_nameless(remark.author)
    return Happening(at, "comment", verb, channel, remark.author, is_named, remark.post, remark, remark.id, fact=fact)


def say(world: World, at: int, video: Post, parent: Remark | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody comments, or replies; now and then the channel will answer."""
    if not cast(Video, video).takes_comments:
        return
    remark = remarks.made(world, at, f"Ug{world.next_id()}", video, parent, author, _answer)
    yield _about("add", "add", at, remark)


def _answer(remark: Remark, world: World, at: int) -> Iterator[Happening]:
    if not remark.is_removed and remark.post.deleted_at is None:
        yield from say(world, at, remark.post, remarks.thread(remark), remark.post.page.id)


def comment(world: World, at: int) -> Iterator[Happening]:
    yield from say(world, at, world.draw_post(), None)


def reply(world: World, at: int) -> Iterator[Happening]:
    if found := remarks.standing(world):
        yield from say(world, at, found.post, remarks.thread(found))


def edit(world: World, at: int) -> Iterator[Happening]:
    """Somebody edits a comment of before this second."""
    if found := remarks.edited(world, at):
        yield _about("edited", "update", at, found)


def removed(at: int, remark: Remark) -> Iterator[Happening]:
    """A comment goes, its replies with it."""
    for gone in remarks.removed(remark):
        yield _about("remove", "remove", at, gone)


def remove(world: World, at: int) -> Iterator[Happening]:
    if found := remarks.standing(world):
        yield from removed(at, found)


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

REPERTOIRE = by_chance(_TABLE, published)
