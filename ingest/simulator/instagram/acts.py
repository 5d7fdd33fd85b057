"""What people do on Instagram, and how often. Likes, saves, shares and follows only move counters: nobody is named."""

from collections.abc import Iterator
from typing import cast

from ingest.simulator import remarks
from ingest.simulator.happenings import Happening
from ingest.simulator.instagram.world import Media
from ingest.simulator.ledger import Fact
from ingest.simulator.population import People
from ingest.simulator.posts import Post, Remark
from ingest.simulator.story import by_chance
from ingest.simulator.world import Act, World

ON_LIVE_VIDEO = 0.05
"""Share of the comments that are pushed as comments on a live video."""


def like(world: World, at: int) -> Iterator[Happening]:
    """Somebody likes a media, or no longer does."""
    media, person = world.draw_post(), world.people.draw(world.rng)
    media.react(person, None if person in media.reactions else "like")
    return iter(())


def share(world: World, at: int) -> Iterator[Happening]:
    media = world.draw_post()
    media.shares[world.next_id()] = world.people.draw(world.rng)
    return iter(())


def save(world: World, at: int) -> Iterator[Happening]:
    cast(Media, world.draw_post()).saves += 1
    return iter(())


def follow(world: World, at: int) -> Iterator[Happening]:
    world.draw_page().follower_changes.append((at, world.rng.choice((1, 1, 1, -1))))
    return iter(())


def _about(verb: str, at: int, remark: Remark) -> Happening:
    account, fact = remark.post.page, remarks.fact(remark, verb, at, exact=False)
    is_named = remark.author == account.id or not People.is_private(remark.author)
    return Happening(
        at,
        "comment",
        verb,
        account,
        remark.author,
        is_named,
        remark.post,
        remark,
        remark.id,
        message=remark.message,
        fact=fact,
    )


def _say(world: World, at: int, media: Post, parent: Remark | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody comments, or replies; now and then the account will answer."""
    remark = remarks.made(world, at, world.next_id(), media, parent, author, _answer)
    yield _about("add", at, remark)


def _answer(remark: Remark, world: World, at: int) -> Iterator[Happening]:
    if not remark.is_removed:
        yield from _say(world, at, remark.post, remarks.thread(remark), remark.post.page.id)


def comment(world: World, at: int) -> Iterator[Happening]:
    yield from _say(world, at, world.draw_post(), None)


def reply(world: World, at: int) -> Iterator[Happening]:
    if found := remarks.standing(world):
        yield from _say(world, at, found.post, remarks.thread(found))


def turned(at: int, remark: Remark) -> Happening:
    """The account hides a comment, or shows it again."""
    remark.is_hidden = not remark.is_hidden
    return _about("hide" if remark.is_hidden else "unhide", at, remark)


def turn(world: World, at: int) -> Iterator[Happening]:
    if found := remarks.standing(world):
        hidden = [one for one in found.post.comments if one.is_hidden and not one.is_removed]
        if hidden and world.rng.random() < 0.6:
            found = cast(Remark, world.rng.choice(hidden))
        yield turned(at, found)


def removed(at: int, remark: Remark) -> Iterator[Happening]:
    """A comment goes, its replies with it."""
    for gone in remarks.removed(remark):
        yield _about("remove", at, gone)


def remove(world: World, at: int) -> Iterator[Happening]:
    if found := remarks.standing(world):
        yield from removed(at, found)


def mention(world: World, at: int) -> Iterator[Happening]:
    """Somebody mentions an account somewhere else: only that is told."""
    account = world.draw_page()
    place = world.next_id()
    fact = Fact(account.id, "mention", "add", place, None, None, at * 1000, False, None)
    yield Happening(at, "mentions", "add", account, "", False, object_id=place, fact=fact)


def end_story(world: World, at: int) -> Iterator[Happening]:
    """A story ends, and its figures are pushed."""
    account = world.draw_page()
    yield Happening(at, "story_insights", "add", account, account.id, True, object_id=world.next_id())


_TABLE: tuple[tuple[float, Act], ...] = (
    (40.0, like),
    (5.0, share),
    (5.0, save),
    (3.0, follow),
    (26.0, comment),
    (14.0, reply),
    (2.0, turn),
    (2.0, remove),
    (2.5, mention),
    (0.5, end_story),
)

REPERTOIRE = by_chance(_TABLE)
