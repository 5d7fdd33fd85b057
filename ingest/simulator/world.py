"""The world: a seeded sequence of things that happen, and the true state that they lead to.

What happens depends on the seed, the scale and the start alone; how it is told lies with the wire and its faults.
"""

import heapq
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from ingest.simulator import authorship, population
from ingest.simulator.happenings import Happening
from ingest.simulator.ledger import Fact
from ingest.simulator.population import FORMAT_WEIGHTS, FORMATS, Page, People
from ingest.simulator.posts import Base, Comment, Post

Act = Callable[["World", int], Iterator[Happening]]
"""Something that happens at a second: it changes the true state, and tells."""

FIRST_ID = 9_007_199_254_740_993
"""Beyond what a double holds. Ids go on from the beginning's time, so that a later world repeats none."""

WEEK = 7 * 86_400
FAVOURITES_APART = 17 * 3600
"""Between the favourite hours of two pages, as times of a week."""
YOUNGEST_OLD_POST, OLDEST_OLD_POST = 600, 18 * 86_400


@dataclass(frozen=True, slots=True)
class Scale:
    """How large a world is. `facts_per_second` and `publish_every` are in the world's own seconds."""

    facts_per_second: float
    publish_every: float
    ends_after: float = float("inf")
    pages: int = 20
    old_posts: int = 700
    people: int = 20_000


class World:
    """True state. Acts change it through the methods of this class and of posts and comments."""

    def __init__(self, seed: int, begins_at: int, scale: Scale) -> None:
        self.rng = Random(seed)
        self.begins_at = begins_at
        self.scale = scale
        self.pages = self._population()
        self.page = {page.id: page for page in self.pages}
        self.people = People(scale.people)
        self.posts: dict[str, Post] = {}
        self.posts_of: dict[str, list[Post]] = {page.id: [] for page in self.pages}
        self.comments: dict[str, Comment] = {}
        self.ids = FIRST_ID + begins_at * 1000
        self._told_unseen: set[tuple[object, ...]] = set()
        self._ended: dict[tuple[str, str], int | None] = {}
        self._ranked: list[Post] = []
        self._popularity: list[float] = []
        self._agenda: list[tuple[int, int, Act]] = []
        self._appointments = 0
        for at, page in sorted(self._old_posts(), key=lambda one: one[0]):
            self.publish(at, page)

    def _population(self) -> list[Page]:
        return population.pages(self.rng, self.scale.pages, self.begins_at)

    def _old_posts(self) -> Iterator[tuple[int, Page]]:
        """When and by whom posts were published before the world began: half of them at their page's favourite hour."""
        for _ in range(self.scale.old_posts):
            page = self.draw_page()
            at = self.begins_at - self.rng.randrange(YOUNGEST_OLD_POST, OLDEST_OLD_POST)
            if self.rng.random() < 0.5:
                favourite = int(page.id) * FAVOURITES_APART
                at = min(at - (at - favourite) % WEEK + self.rng.randrange(900), at)
            yield at, page

    def later(self, at: int, act: Act) -> None:
        """It will happen at that second of the clock, if the world lasts so long."""
        self._appointments += 1
        heapq.heappush(self._agenda, (at, self._appointments, act))

    def next_appointment(self) -> int | None:
        return self._agenda[0][0] if self._agenda else None

    def keep_appointment(self) -> Iterator[Happening]:
        """What the next appointment leads to."""
        at, _, act = heapq.heappop(self._agenda)
        return act(self, at)

    def next_id(self) -> str:
        self.ids += 1
        return str(self.ids)

    def publish(self, at: int, page: Page | None = None) -> Post:
        """A page, if none is given the more popular the likelier, publishes a post at that second."""
        post = self._composed(at, page or self.draw_page())
        page = post.page
        self.posts[post.id] = post
        self.posts_of[page.id].append(post)
        rank = self.rng.randrange(2_000)
        total = self._popularity[-1] if self._popularity else 0.0
        self._ranked.append(post)
        self._popularity.append(total + 1 / (rank + 3))
        return post

    def _composed(self, at: int, page: Page) -> Post:
        number = self.next_id()
        return Post(
            id=f"{page.id}_{number}",
            page=page,
            created_at=at,
            format=self.rng.choices(FORMATS, FORMAT_WEIGHTS)[0],
            wordings=[authorship.wording(self.rng, at, int(number) % 10_000)],
            base=authorship.history(self.rng, page) if at < self.begins_at else Base(),
        )

    def add_comment(self, comment: Comment) -> None:
        """It stands from now on, under its post and, if it is a reply, under what it answers."""
        self.comments[comment.id] = comment
        comment.post.comments.append(comment)
        comment.post.live_comments += 1
        if comment.parent:
            comment.post.live_replies += 1
            comment.parent.replies.append(comment)

    def draw_post(self) -> Post:
        """A post that still stands; Zipf."""
        while True:
            post = self._ranked[bisect(self._popularity, self.rng.random() * self._popularity[-1])]
            if post.deleted_at is None:
                return post

    def usual_hour(self, page: Page) -> float:
        """About how many reactions, comments and shares the page's posts get in an hour."""
        own = sum(
            self._popularity[place] - (self._popularity[place - 1] if place else 0.0)
            for place, post in enumerate(self._ranked)
            if post.page is page
        )
        return 0.8 * 3600 * self.scale.facts_per_second * own / self._popularity[-1]

    def draw_page(self) -> Page:
        return self.rng.choices(self.pages, [page.weight for page in self.pages])[0]

    def draw_actor(self, page: Page) -> str:
        """Usually somebody, now and then the page itself."""
        return page.id if self.rng.random() < 0.03 else self.people.draw(self.rng)

    def admits(self, fact: Fact, actor: str) -> bool:
        """Whether a reaction or page like can happen so that its facts still lead to the true state.

        Unseen people never do the same to the same in one second. Nobody adds again within the second of a removal,
        nor ever after a removal that the wire does not time, nor a page like that was taken back.
        """
        relation = (fact.subject, actor)
        if fact.action == "add" and relation in self._ended:
            ended_at = self._ended[relation]
            if ended_at is None or ended_at == fact.at:
                return False
        if fact.actor is None:
            unseen = (fact.subject, fact.action, fact.reaction, fact.at)
            if unseen in self._told_unseen:
                return False
            self._told_unseen.add(unseen)
        if fact.action == "remove":
            self._ended[relation] = fact.at if fact.exact and fact.kind == "reaction" else None
        return True
