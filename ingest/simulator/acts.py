"""What can happen in the world, and how often.

Each act draws who and what, changes the true state, and tells what happened; an act that makes no sense there (an
un-like of what is not liked) happens not at all. Relations stay such that walking their facts by time, then
add < update < remove, leads to the true state: nobody likes again within the second of an un-like.
"""

from collections.abc import Iterator
from functools import partial

from ingest.simulator import authorship
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.population import REACTION_WEIGHTS, REACTIONS, Page, People
from ingest.simulator.posts import Comment, Post
from ingest.simulator.world import Act, World

SECOND_THOUGHTS = 0.03
"""Share of new reactions that are changed or taken back within the same second."""
ANSWERED = 0.15
"""Share of the comments that the page answers."""
ANSWER_DELAYS = ((0.6, 120, 3_300), (0.25, 4_000, 14_000), (0.15, 15_000, 80_000))
"""(share, from, to) in seconds: within the hour, within four, much later."""


def _shown(actor: str, page: Page) -> str | None:
    """Who a reaction's fact is by: None where webhooks hide it."""
    return None if actor != page.id and People.is_private(actor) else actor


def reaction_of(
    world: World, at: int, verb: str, actor: str, reaction: str, post: Post, comment: Comment | None
) -> Happening | None:
    """The fact of a reaction; None if unseen people would do the same twice in one second."""
    timeless = verb == "remove" and not People.is_private(actor) and world.rng.random() < 0.08
    fact = Fact(
        account=post.page.id,
        kind="reaction",
        action={"add": "add", "edit": "update", "remove": "remove"}[verb],
        subject=comment.id if comment else post.id,
        post=post.id,
        about=post.id,
        at=at * 1000,
        exact=not timeless,
        actor=_shown(actor, post.page),
        reaction=reaction,
        to_comment=comment is not None,
    )
    if not world.admits(fact, actor):
        return None
    (comment or post).react(actor, None if verb == "remove" else reaction)
    return Happening(
        at, "reaction", verb, post.page, actor, fact.actor is not None, post, comment, None, reaction, fact=fact
    )


def _react(world: World, at: int, actor: str, post: Post, comment: Comment | None) -> Iterator[Happening]:
    standing = (comment or post).reactions.get(actor)
    reaction = world.rng.choices(REACTIONS, REACTION_WEIGHTS)[0]
    if standing is None:
        verb = "add"
    elif reaction != standing:
        verb = "edit"
    else:
        verb = "remove"
    made = reaction_of(world, at, verb, actor, standing or reaction if verb == "remove" else reaction, post, comment)
    if made is None:
        return
    yield made
    if verb == "add" and world.rng.random() < SECOND_THOUGHTS:
        for second_thought in _react(world, at, actor, post, comment):
            second_thought.is_second_thought = True
            yield second_thought


def react_to_post(world: World, at: int) -> Iterator[Happening]:
    post = world.draw_post()
    yield from _react(world, at, world.draw_actor(post.page), post, None)


def change_reaction(world: World, at: int) -> Iterator[Happening]:
    """Somebody who reacted lately changes the reaction."""
    post = world.draw_post()
    if post.reactions:
        actor = _late(world, list(post.reactions))
        other = world.rng.choice([r for r in REACTIONS if r != post.reactions[actor]])
        if made := reaction_of(world, at, "edit", actor, other, post, None):
            yield made


def withdraw_reaction(world: World, at: int) -> Iterator[Happening]:
    """Somebody who reacted lately takes it back."""
    post = world.draw_post()
    if post.reactions:
        actor = _late(world, list(post.reactions))
        if made := reaction_of(world, at, "remove", actor, post.reactions[actor], post, None):
            yield made


def react_to_comment(world: World, at: int) -> Iterator[Happening]:
    if comment := _draw_comment(world):
        actor = world.draw_actor(comment.post.page)
        if comment.reactions and world.rng.random() < 0.25:
            actor = _late(world, list(comment.reactions))
        yield from _react(world, at, actor, comment.post, comment)


def _late(world: World, people: list[str]) -> str:
    return people[-1 - world.rng.randrange(min(len(people), 20))]


def _draw_comment(world: World) -> Comment | None:
    """One of the latest of a post's comments that still stands."""
    comments = world.draw_post().comments[-30:]
    standing = [comment for comment in comments if not comment.is_removed]
    return world.rng.choice(standing) if standing else None


def _about_comment(verb: str, action: str, at: int, comment: Comment, message: str | None = None) -> Happening:
    page, parent = comment.post.page, comment.parent
    fact = Fact(
        account=page.id,
        kind="comment",
        action=action,
        subject=comment.id,
        post=comment.post.id,
        about=comment.post.id,
        at=at * 1000,
        exact=action in ("add", "update"),
        actor=comment.author,
        to_comment=parent is not None,
        parent=parent.id if parent else None,
    )
    named = _shown(comment.author, page) is not None
    return Happening(
        at, "comment", verb, page, comment.author, named, comment.post, comment, comment.id, message=message, fact=fact
    )


def say(world: World, at: int, post: Post, parent: Comment | None, author: str | None = None) -> Iterator[Happening]:
    """Somebody comments, or replies to a comment; now and then the page will answer."""
    comment = Comment(
        id=f"{post.id.partition('_')[2]}_{world.next_id()}",
        post=post,
        parent=parent,
        author=author or world.draw_actor(post.page),
        created_at=at,
        message=authorship.remark(world.rng),
    )
    world.add_comment(comment)
    if comment.author != post.page.id and world.rng.random() < ANSWERED:
        _, soonest, latest = world.rng.choices(ANSWER_DELAYS, [share for share, _, _ in ANSWER_DELAYS])[0]
        world.later(at + world.rng.randrange(soonest, latest), partial(_answer, comment))
    yield _about_comment("add", "add", at, comment, comment.message)


def _answer(comment: Comment, world: World, at: int) -> Iterator[Happening]:
    """The page answers in the comment's thread, if there is still something to answer."""
    if not comment.is_removed and comment.post.deleted_at is None:
        yield from say(world, at, comment.post, comment.parent or comment, comment.post.page.id)


def comment_on_post(world: World, at: int) -> Iterator[Happening]:
    yield from say(world, at, world.draw_post(), None)


def reply(world: World, at: int) -> Iterator[Happening]:
    if comment := _draw_comment(world):
        yield from say(world, at, comment.post, comment.parent or comment)
    else:
        yield from comment_on_post(world, at)


def edit_comment(world: World, at: int) -> Iterator[Happening]:
    if comment := _draw_comment(world):
        comment.message = authorship.remark(world.rng)
        yield _about_comment("edited", "update", at, comment, comment.message)


def remove_comment(world: World, at: int) -> Iterator[Happening]:
    """The comment goes, its replies first; each of them is told."""
    if comment := _draw_comment(world):
        for gone in (*comment.replies, comment):
            if not gone.is_removed:
                gone.is_removed = True
                gone.post.live_comments -= 1
                gone.post.live_replies -= gone.parent is not None
                yield _about_comment("remove", "remove", at, gone)


def turn_comment(world: World, at: int) -> Iterator[Happening]:
    """The page hides a comment, or shows one again."""
    comment = _draw_comment(world)
    hidden = [one for one in comment.post.comments[-30:] if one.is_hidden and not one.is_removed] if comment else []
    if hidden and world.rng.random() < 0.6:
        comment = world.rng.choice(hidden)
    if comment:
        comment.is_hidden = not comment.is_hidden
        verb = "hide" if comment.is_hidden else "unhide"
        yield _about_comment(verb, verb, at, comment)


def _about_share(at: int, verb: str, post: Post, share_id: str, actor: str) -> Happening:
    """Half of the shares are told as stories of their own: which post they share is then unknown."""
    is_story = int(share_id) % 2 == 0
    fact = Fact(
        account=post.page.id,
        kind="share",
        action=verb,
        subject=share_id,
        post=None if is_story else post.id,
        about=post.id,
        at=at * 1000,
        exact=verb == "add",
        actor=_shown(actor, post.page),
        to_comment=False,
    )
    return Happening(at, "share", verb, post.page, actor, fact.actor is not None, post, object_id=share_id, fact=fact)


def share(world: World, at: int) -> Iterator[Happening]:
    post = world.draw_post()
    yield share_by(world, at, post, world.draw_actor(post.page))


def share_by(world: World, at: int, post: Post, actor: str) -> Happening:
    share_id = world.next_id()
    post.shares[share_id] = actor
    return _about_share(at, "add", post, share_id, actor)


def withdraw_share(world: World, at: int) -> Iterator[Happening]:
    post = world.draw_post()
    if post.shares:
        share_id = _late(world, list(post.shares))
        yield _about_share(at, "remove", post, share_id, post.shares.pop(share_id))


def follow(world: World, at: int) -> Iterator[Happening]:
    """Somebody likes a page, once and for all; one in six takes back an earlier page like instead."""
    page = world.draw_page()
    if page.followers and world.rng.random() < 1 / 6:
        actor, verb = _late(world, list(page.followers)), "remove"
    else:
        actor, verb = world.draw_actor(page), "add"
    fact = Fact(
        account=page.id,
        kind="follow",
        action=verb,
        subject=page.id,
        post=None,
        about=None,
        at=at * 1000,
        exact=True,
        actor=_shown(actor, page),
    )
    if (verb == "add" and actor in page.followers) or not world.admits(fact, actor):
        return
    if verb == "remove":
        page.followers.pop(actor)
    else:
        page.followers[actor] = at
    page.follower_changes.append((at, 1 if verb == "add" else -1))
    yield Happening(at, "like", verb, page, actor, fact.actor is not None, fact=fact)


def published(post: Post) -> Iterator[Happening]:
    item = {"added_photos": "photo", "added_video": "video", "mobile_status_update": "status"}.get(post.format, "post")
    yield Happening(post.created_at, item, "add", post.page, post.page.id, True, post, message=post.wordings[0].message)


def reword_post(world: World, at: int) -> Iterator[Happening]:
    post = world.draw_post()
    post.wordings.append(authorship.wording(world.rng, at, int(post.id.partition("_")[2]) % 10_000))
    yield Happening(at, "status", "edited", post.page, post.page.id, True, post, message=post.wordings[-1].message)


def delete_post(world: World, at: int) -> Iterator[Happening]:
    post = world.draw_post()
    post.deleted_at = at
    yield Happening(at, "post", "remove", post.page, post.page.id, True, post)


TABLE: tuple[tuple[float, Act], ...] = (
    (43.0, react_to_post),
    (2.5, change_reaction),
    (3.5, withdraw_reaction),
    (27.5, comment_on_post),
    (10.5, reply),
    (1.2, edit_comment),
    (1.0, remove_comment),
    (1.0, turn_comment),
    (4.5, share),
    (0.4, withdraw_share),
    (5.0, react_to_comment),
    (3.5, follow),
    (0.2, reword_post),
    (0.05, delete_post),
)
"""What happens, by how often it does."""
