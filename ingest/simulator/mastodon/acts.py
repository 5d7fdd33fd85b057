"""What people do on Mastodon, and how often. What is taken back is told to nobody."""

from collections.abc import Iterator
from typing import cast

from ingest.simulator import authorship, remarks
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.mastodon.world import Elsewhere, Notice, Noticed, Status, World
from ingest.simulator.population import Page
from ingest.simulator.posts import Post, Remark
from ingest.simulator.story import by_chance
from ingest.simulator.world import Act
from ingest.simulator.world import World as AnyWorld

EMPTIED = 0.3
"""Share of the notifications of what was taken back that are listed without their status; the others are gone."""


def _fact(page: Page, kind: str, action: str, subject: str, post: str | None, at: int, actor: str) -> Fact:
    reaction = "like" if kind == "reaction" else None
    return Fact(page.id, kind, action, subject, post, post, at * 1000, True, actor, reaction)


def _notice(world: World, kind: str, at: int, person: str, status: str | None) -> Notice:
    notice = Notice(world.next_id(), kind, at, person, status)
    world.notices.append(notice)
    return notice


def _told(
    world: World, at: int, page: Page, person: str, fact: Fact, status: str | None, kind: str
) -> Iterator[Happening]:
    """It happened, and the account is notified of it."""
    notice = _notice(world, kind, at, person, status)
    happening = Noticed(at, kind, "add", page, person, True, fact=fact, notice=notice, world=world)
    yield happening
    notice.number = happening.number


def favourite(world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody likes a status, or no longer does."""
    assert isinstance(world, World)
    post, person = world.draw_post(), world.somebody()
    standing = person in post.reactions
    fact = _fact(post.page, "reaction", "remove" if standing else "add", post.id, post.id, at, person)
    if not world.admits(fact, person):
        return
    post.react(person, None if standing else "like")
    if standing:
        _take_back(world, "favourite", person, post.id)
        yield Happening(at, "favourite", "remove", post.page, person, True, fact=fact)
    else:
        yield from _told(world, at, post.page, person, fact, post.id, "favourite")


def _take_back(world: World, kind: str, person: str, post: str) -> None:
    """Its notification vanishes, or loses its status."""
    found = next(one for one in reversed(world.notices) if (one.kind, one.person, one.status) == (kind, person, post))
    found.is_emptied = world.rng.random() < EMPTIED
    found.is_vanished = not found.is_emptied


def boost(world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody passes a status on, once."""
    assert isinstance(world, World)
    post, person = world.draw_post(), world.somebody()
    if person in post.shares:
        return
    post.shares[person] = person
    fact = _fact(post.page, "share", "add", f"{post.id}:{person}", post.id, at, person)
    yield from _told(world, at, post.page, person, fact, post.id, "reblog")


def quote(world: AnyWorld, at: int) -> Iterator[Happening]:
    assert isinstance(world, World)
    post, person = cast(Status, world.draw_post()), world.somebody()
    said = _elsewhere(world, at, person, post.id)
    post.shares[said.id] = person
    post.quotes += 1
    fact = _fact(post.page, "share", "add", said.id, post.id, at, person)
    yield from _told(world, at, post.page, person, fact, said.id, "quote")


def mention(world: AnyWorld, at: int) -> Iterator[Happening]:
    assert isinstance(world, World)
    page, person = world.draw_page(), world.somebody()
    said = _elsewhere(world, at, person, None)
    fact = _fact(page, "mention", "add", said.id, None, at, person)
    yield from _told(world, at, page, person, fact, said.id, "mention")


def _elsewhere(world: World, at: int, person: str, quoted: str | None) -> Elsewhere:
    said = Elsewhere(world.next_id(), person, at, authorship.remark(world.rng), quoted)
    world.elsewhere[said.id] = said
    return said


def follow(world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody follows, once and for all; one in six leaves instead, unseen."""
    assert isinstance(world, World)
    page, person = world.draw_page(), world.somebody()
    if page.followers and world.rng.random() < 1 / 6:
        world.draw_page().follower_changes.append((at, -1))
        return
    if person in page.followers:
        return
    page.followers[person] = at
    page.follower_changes.append((at, 1))
    fact = _fact(page, "follow", "add", page.id, None, at, person)
    yield from _told(world, at, page, person, fact, None, "follow")


def _about(verb: str, action: str, at: int, remark: Remark) -> Noticed:
    page = remark.post.page
    fact = remarks.fact(remark, action, at, exact=action in ("add", "update"))
    return Noticed(at, "comment", verb, page, remark.author, True, remark.post, remark, remark.id, fact=fact)


def say(world: World, at: int, post: Post, parent: Remark | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody answers a status, or an answer; now and then the account will answer that."""
    remark = remarks.made(world, at, world.next_id(), post, parent, author, _answer)
    said = _about("add", "add", at, remark)
    if remark.author != post.page.id and parent is None:
        said.notice, said.world = _notice(world, "mention", at, remark.author, remark.id), world
    yield said


def _answer(remark: Remark, world: AnyWorld, at: int) -> Iterator[Happening]:
    assert isinstance(world, World)
    if not remark.is_removed and remark.post.deleted_at is None:
        yield from say(world, at, remark.post, remarks.thread(remark), remark.post.page.id)


def comment(world: AnyWorld, at: int) -> Iterator[Happening]:
    assert isinstance(world, World)
    yield from say(world, at, world.draw_post(), None)


def reply(world: AnyWorld, at: int) -> Iterator[Happening]:
    assert isinstance(world, World)
    if found := remarks.standing(world):
        yield from say(world, at, found.post, remarks.thread(found))


def edit(world: AnyWorld, at: int) -> Iterator[Happening]:
    """Somebody edits an answer of before this second."""
    if found := remarks.edited(world, at):
        yield _about("edited", "update", at, found)


def remove(world: AnyWorld, at: int) -> Iterator[Happening]:
    """An answer goes, what answers it with it; so does its notification."""
    assert isinstance(world, World)
    if found := remarks.standing(world):
        for gone in remarks.removed(found):
            yield _about("remove", "remove", at, gone)
        for notice in world.notices:
            notice.is_vanished |= notice.status == found.id


def reword(world: AnyWorld, at: int) -> Iterator[Happening]:
    post = cast(Status, world.draw_post())
    post.wordings.append(authorship.wording(world.rng, at, at % 10_000))
    return iter(())


_TABLE: tuple[tuple[float, Act], ...] = (
    (38.0, favourite),
    (12.0, boost),
    (2.0, quote),
    (4.0, mention),
    (5.0, follow),
    (22.0, comment),
    (10.0, reply),
    (2.0, edit),
    (2.0, remove),
    (1.0, reword),
)

REPERTOIRE = by_chance(_TABLE)
