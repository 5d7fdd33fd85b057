"""What a world holds whatever chance brings: people of habit, and posts that take off."""

from collections.abc import Iterator
from functools import partial
from math import sqrt

from ingest.simulator import acts
from ingest.simulator.happenings import Happening
from ingest.simulator.population import REACTION_WEIGHTS, REACTIONS, Page, People
from ingest.simulator.posts import Post
from ingest.simulator.world import World

HOUR, DAY = 3600, 86_400

HABITS = (1, 1, 3, 7)
"""A page's regulars, by the days between two visits of theirs; the first of them shares, too."""
SHARING_VISITS = (1, 2, 12)
LATEST_FIRST_VISIT = 18 * HOUR

FIRST_VIRAL = 16 * HOUR
"""By then every account has a past that it can be measured by."""
VIRAL_APART = (12 * HOUR, 5 * DAY)
SURPRISES = (14.0, 8.0, 4.7)
"""How far the hours of a post that takes off lie above what is usual, in deviations of chance."""
LEAST = 22
ALREADY_YOUNG = 180


def arrange(world: World) -> None:
    """Make the appointments of a world that begins."""
    for number, page in enumerate(world.pages):
        for habit, every in enumerate(HABITS):
            person = People.regular(len(HABITS) * number + habit)
            first = world.begins_at + world.rng.randrange(60, LATEST_FIRST_VISIT)
            world.later(first, partial(_visit, page, person, every, habit == 0, 1))
    first_hour = -(-(world.begins_at + FIRST_VIRAL) // HOUR) * HOUR
    world.later(first_hour + ALREADY_YOUNG, partial(_take_off, True))


def _visit(
    page: Page, person: str, every: int, shares: bool, number: int, world: World, at: int
) -> Iterator[Happening]:
    """One who comes regularly does something on the page, and will come again."""
    again = at + every * DAY + world.rng.randrange(-HOUR, HOUR)
    world.later(again, partial(_visit, page, person, every, shares, number + 1))
    posts = [post for post in world.posts_of[page.id] if post.deleted_at is None][-40:]
    if not posts:
        return
    post = world.rng.choice(posts)
    made = None
    if person not in post.reactions:
        reaction = world.rng.choices(REACTIONS, REACTION_WEIGHTS)[0]
        made = acts.reaction_of(world, at, "add", person, reaction, post, None)
    if made is not None:
        yield made
    else:
        yield from acts.say(world, at, post, None, person)
    if shares and number in SHARING_VISITS:
        yield acts.share_by(world, at, post, person)


def _take_off(is_first: bool, world: World, at: int) -> Iterator[Happening]:
    """A page publishes what, for some hours, far more people want to see than usual.

    The first is the busiest page's: where much is usual, little more is not yet extreme.
    """
    pause = min(max(world.scale.ends_after / 5, VIRAL_APART[0]), VIRAL_APART[1])
    world.later(at + int(pause // HOUR) * HOUR, partial(_take_off, False))
    page = max(world.pages, key=world.usual_hour) if is_first else world.draw_page()
    usual = world.usual_hour(page)
    post = world.publish(at, page)
    yield from acts.published(post)
    for hour, surprise in enumerate(SURPRISES):
        crowd = max(LEAST, round(usual + surprise * max(sqrt(usual), 1.0)))
        begins = at - ALREADY_YOUNG + hour * HOUR
        for _ in range(crowd):
            world.later(begins + world.rng.randrange(2 * ALREADY_YOUNG, HOUR - ALREADY_YOUNG), partial(_join_in, post))


def _join_in(post: Post, world: World, at: int) -> Iterator[Happening]:
    """Somebody more is drawn to the post."""
    if post.deleted_at is not None:
        return
    chance = world.rng.random()
    if chance < 0.06:
        yield acts.share_by(world, at, post, world.people.draw(world.rng))
    elif chance < 0.18:
        yield from acts.say(world, at, post, None, world.people.draw(world.rng))
    elif person := next((one for _ in range(20) if (one := world.people.draw(world.rng)) not in post.reactions), None):
        reaction = world.rng.choices(REACTIONS, REACTION_WEIGHTS)[0]
        if made := acts.reaction_of(world, at, "add", person, reaction, post, None):
            yield made
