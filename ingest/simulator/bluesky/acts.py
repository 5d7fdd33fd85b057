"""What people do on Bluesky, and how often: each makes a record, and any record may be deleted again."""

from collections.abc import Iterator
from functools import partial
from typing import Any, cast

from ingest.simulator import authorship
from ingest.simulator.acts import ANSWER_DELAYS, ANSWERED
from ingest.simulator.bluesky.world import Deed, Quote, Skeet, World
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.population import Page
from ingest.simulator.posts import Comment, Post
from ingest.simulator.story import by_chance
from ingest.simulator.world import Act
from ingest.simulator.world import World as AnyWorld

LIKE, REPOST, POST, FOLLOW = (
    "app.bsky.feed.like",
    "app.bsky.feed.repost",
    "app.bsky.feed.post",
    "app.bsky.graph.follow",
)


def _fact(page: Page, kind: str, action: str, subject: str, at: int, actor: str, **more: Any) -> Fact:
    told: dict[str, Any] = {"post": None, "about": more.get("post")} | more
    return Fact(page.id, kind, action, subject, at=at * 1000, exact=True, actor=actor, **told)


def _made(
    at: int, item: str, page: Page, person: str, rkey: str, fact: Fact, post: Post | None = None, **more: Any
) -> Happening:
    return Happening(at, item, "create", page, person, True, post, object_id=rkey, fact=fact, **more)


def like(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody likes a post; some like it twice, with two records."""
    world, post, person = _drawn(any_world)
    rkeys = post.likers.setdefault(person, {})
    if len(rkeys) > 1 or (rkeys and world.rng.random() < 0.6) or not world.may_begin(post.id, person, at):
        return
    rkey = f"3l{world.next_id()}"
    rkeys[rkey] = at
    post.react(person, "like")
    told = {"post": post.id, "reaction": "like", "version": rkey}

    def undo(when: int) -> Fact | None:
        del rkeys[rkey]
        if rkeys:
            return None
        post.react(person, None)
        world.ended[post.id, person] = when
        return _fact(post.page, "reaction", "remove", post.id, when, person, **told)

    world.done(Deed(person, LIKE, rkey, post.page, undo))
    fact = _fact(post.page, "reaction", "add", post.id, at, person, **told)
    yield _made(at, LIKE, post.page, person, rkey, fact, post)


def repost(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    world, post, person = _drawn(any_world)
    subject = f"repost {post.id}"
    if person in post.reposters or not world.may_begin(subject, person, at):
        return
    rkey = f"3l{world.next_id()}"
    post.reposters.add(person)
    post.shares[rkey] = person
    told = {"post": post.id, "version": rkey}
    place = f"{subject} {person}"

    def undo(when: int) -> Fact | None:
        post.reposters.discard(person)
        del post.shares[rkey]
        world.ended[subject, person] = when
        return _fact(post.page, "share", "remove", place, when, person, **told)

    world.done(Deed(person, REPOST, rkey, post.page, undo))
    yield _made(at, REPOST, post.page, person, rkey, _fact(post.page, "share", "add", place, at, person, **told), post)


def follow(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    world = cast(World, any_world)
    page = world.draw_page()
    person = world.draw_actor(page)
    if person == page.id or person in page.followers or not world.may_begin(page.id, person, at):
        return
    rkey = f"3l{world.next_id()}"
    page.followers[person] = at
    page.follower_changes.append((at, 1))

    def undo(when: int) -> Fact | None:
        del page.followers[person]
        page.follower_changes.append((when, -1))
        world.ended[page.id, person] = when
        return _fact(page, "follow", "remove", page.id, when, person, version=rkey)

    world.done(Deed(person, FOLLOW, rkey, page, undo))
    yield _made(at, FOLLOW, page, person, rkey, _fact(page, "follow", "add", page.id, at, person, version=rkey))


def _uri(person: str, rkey: str) -> str:
    return f"at://{person}/{POST}/{rkey}"


def _say(world: World, at: int, post: Skeet, parent: Comment | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody replies to a post or to a reply; now and then the account will answer."""
    rkey = f"3l{world.next_id()}"
    person = author or world.draw_actor(post.page)
    comment = Comment(_uri(person, rkey), post, parent, person, at, authorship.remark(world.rng))
    world.add_comment(comment)
    told: dict[str, Any] = {"post": post.id, "to_comment": parent is not None, "parent": parent.id if parent else None}

    def undo(when: int) -> Fact | None:
        """What answers it stays."""
        comment.is_removed = True
        post.live_comments -= 1
        post.live_replies -= parent is not None
        return _fact(post.page, "comment", "remove", comment.id, when, person, **told)

    world.done(Deed(person, POST, rkey, post.page, undo))
    if author is None and person != post.page.id and world.rng.random() < ANSWERED:
        _, soonest, latest = world.rng.choices(ANSWER_DELAYS, [part for part, _, _ in ANSWER_DELAYS])[0]
        world.later(at + world.rng.randrange(soonest, latest), partial(_answer, comment))
    fact = _fact(post.page, "comment", "add", comment.id, at, person, **told)
    yield _made(at, "comment", post.page, person, rkey, fact, post, comment=comment, message=comment.message)


def _answer(comment: Comment, world: AnyWorld, at: int) -> Iterator[Happening]:
    if not comment.is_removed and comment.post.deleted_at is None:
        post = cast(Skeet, comment.post)
        yield from _say(cast(World, world), at, post, comment.parent or comment, post.page.id)


def comment(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    world = cast(World, any_world)
    yield from _say(world, at, cast(Skeet, world.draw_post()), None)


def reply(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    """To one of the latest replies that stand."""
    world = cast(World, any_world)
    post = cast(Skeet, world.draw_post())
    standing = [one for one in post.comments[-30:] if not one.is_removed]
    found = world.rng.choice(standing) if standing else None
    yield from _say(world, at, post, (found.parent or found) if found else None)


def quote(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    world, post, person = _drawn(any_world)
    if person == post.page.id:
        return
    rkey = f"3l{world.next_id()}"
    uri = _uri(person, rkey)
    post.shares[rkey] = person
    post.quotes[rkey] = Quote(person, at, authorship.remark(world.rng))

    def undo(when: int) -> Fact | None:
        del post.shares[rkey]
        del post.quotes[rkey]
        return _fact(post.page, "share", "remove", uri, when, person, post=post.id)

    world.done(Deed(person, POST, rkey, post.page, undo))
    fact = _fact(post.page, "share", "add", uri, at, person, post=post.id)
    yield _made(at, "quote", post.page, person, rkey, fact, post, message=post.quotes[rkey].message)


def mention(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    world = cast(World, any_world)
    page = world.draw_page()
    person = world.draw_actor(page)
    if person == page.id:
        return
    rkey = f"3l{world.next_id()}"
    uri = _uri(person, rkey)

    def undo(when: int) -> Fact | None:
        return _fact(page, "mention", "remove", uri, when, person)

    world.done(Deed(person, POST, rkey, page, undo))
    fact = _fact(page, "mention", "add", uri, at, person)
    yield _made(at, "mention", page, person, rkey, fact, message="see what they do")


def take_back(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody deletes one of the latest records; a like that was one of two ends nothing."""
    world = cast(World, any_world)
    if not world.recent:
        return
    person, rkey = world.rng.choice(world.recent)
    deed = world.deeds.get(person, {}).pop(rkey, None)
    if deed is not None:
        yield Happening(at, deed.collection, "delete", deed.page, person, True, object_id=rkey, fact=deed.undo(at))


def leave(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody deletes their account, and with it everything that they ever did: one message tells of all of it."""
    world = cast(World, any_world)
    if not world.recent:
        return
    person, _ = world.rng.choice(world.recent)
    if person in world.page or person in world.gone:
        return
    world.gone.add(person)
    deeds = list(world.deeds.pop(person, {}).values())
    page = deeds[0].page if deeds else world.draw_page()
    yield Happening(at, "account", "leave", page, person, True)
    for deed in deeds:
        yield Happening(at, "account", "left", deed.page, person, True, fact=deed.undo(at))


def delete_post(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    post = any_world.draw_post()
    post.deleted_at = at
    yield Happening(at, POST, "delete", post.page, post.page.id, True, post, object_id=post.id)


def bystander(any_world: AnyWorld, at: int) -> Iterator[Happening]:
    """Something happens that has nothing to do with any of the accounts, as nearly everything."""
    world = cast(World, any_world)
    page = world.draw_page()
    yield Happening(at, "bystander", "create", page, "did:plc:else", True, object_id=f"3l{world.next_id()}")


def _drawn(any_world: AnyWorld) -> tuple[World, Skeet, str]:
    world = cast(World, any_world)
    post = cast(Skeet, world.draw_post())
    return world, post, world.draw_actor(post.page)


_TABLE: tuple[tuple[float, Act], ...] = (
    (42.0, like),
    (7.0, repost),
    (4.0, follow),
    (16.0, comment),
    (9.0, reply),
    (3.0, quote),
    (2.0, mention),
    (7.0, take_back),
    (0.3, leave),
    (0.05, delete_post),
    (9.0, bystander),
)


def _published(post: Post) -> Iterator[Happening]:
    yield Happening(post.created_at, POST, "create", post.page, post.page.id, True, post, object_id=post.id)


REPERTOIRE = by_chance(_TABLE, _published)
