"""Comments that a platform lists one by one: made, answered, drawn again, removed; whichever platform it is."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

from ingest.simulator import authorship
from ingest.simulator.acts import ANSWER_DELAYS, ANSWERED
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.posts import Post, Remark
from ingest.simulator.world import World

Answer = Callable[[Remark, World, int], Iterator[Happening]]
"""What the account does some time after a remark."""


def made(
    world: World, at: int, name: str, post: Post, parent: Remark | None, author: str | None, answer: Answer
) -> Remark:
    """A remark that stands from now on, by somebody unless `author` says who; now and then there will be an answer."""
    remark = Remark(
        id=name,
        post=post,
        parent=parent,
        author=author or world.draw_actor(post.page),
        created_at=at,
        message=authorship.remark(world.rng),
    )
    world.add_comment(remark)
    if author is None and remark.author != post.page.id and world.rng.random() < ANSWERED:
        _, soonest, latest = world.rng.choices(ANSWER_DELAYS, [share for share, _, _ in ANSWER_DELAYS])[0]
        world.later(at + world.rng.randrange(soonest, latest), partial(answer, remark))
    return remark


def fact(remark: Remark, action: str, at: int, *, exact: bool) -> Fact:
    """What was done with a remark. `exact`: whether the platform tells when."""
    return Fact(
        account=remark.post.page.id,
        kind="comment",
        action=action,
        subject=remark.id,
        post=remark.post.id,
        about=remark.post.id,
        at=at * 1000,
        exact=exact,
        actor=remark.author,
        to_comment=remark.parent is not None,
        parent=remark.parent.id if remark.parent else None,
    )


def standing(world: World) -> Remark | None:
    """One of the latest remarks under some post."""
    found = [one for one in world.draw_post().comments[-30:] if not one.is_removed]
    return cast(Remark, world.rng.choice(found)) if found else None


def thread(remark: Remark) -> Remark:
    """What is answered by who answers a remark: answers have no answers of their own."""
    return cast(Remark | None, remark.parent) or remark


def edited(world: World, at: int) -> Remark | None:
    """A remark of before this second, with other words."""
    if (found := standing(world)) is None or found.created_at >= at:
        return None
    found.message = authorship.remark(world.rng)
    found.edited_at = at
    return found


def removed(remark: Remark) -> Iterator[Remark]:
    """A remark goes, what answers it with it: those that stood."""
    for gone in (*remark.replies, remark):
        if not gone.is_removed:
            gone.is_removed = True
            gone.post.live_comments -= 1
            gone.post.live_replies -= gone.parent is not None
            yield cast(Remark, gone)
