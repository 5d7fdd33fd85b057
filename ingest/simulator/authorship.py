"""What posts and comments say. Every hashtag, mention and link is known here, so that nobody needs to find them."""

from random import Random

from ingest.simulator.population import Page
from ingest.simulator.posts import Base, Wording

_OPENINGS = ("Fresh from the workshop", "Wir haben geöffnet", "Nouveautés à voir", "今週のおすすめ", "Come and see ☕")
_TAGS = ("Spring", "newin", "Café", "handmade", "BehindTheScenes", "季節", "weekend")
_PEOPLE = ("ann", "b.ricks", "carla_7")
_REMARKS = ("Lovely!", "très joli ❤", "Wie lange noch? / how long?", "😂😂", "Where can I buy it?", "+1", "sí <3")


def wording(rng: Random, since: int, number: int) -> Wording:
    """A post's text; one in twelve posts is a picture and nothing else."""
    promotion = rng.choices(("inactive", "active", "extendable"), (8, 1, 1))[0]
    if rng.random() < 1 / 12:
        return Wording(since, None, [], [], [], promotion)
    tags = rng.sample(_TAGS, rng.randrange(3))
    if tags and rng.random() < 0.1:
        tags.append(tags[0].upper())
    people = rng.sample(_PEOPLE, rng.randrange(2))
    links = [f"https://shop.example.test/p/{number}?from=fb"] if rng.random() < 0.3 else []
    words = [rng.choice(_OPENINGS), str(number), *(f"#{t}" for t in tags), *(f"@{p}" for p in people), *links]
    return Wording(since, " ".join(words), [tag.lower() for tag in tags], people, links, promotion)


def remark(rng: Random) -> str:
    return rng.choice(_REMARKS)


def history(rng: Random, page: Page) -> Base:
    """What a post had gathered before the world began."""
    scale = page.weight * 400
    return Base(
        likes={"like": rng.randrange(int(scale) + 2), "love": rng.randrange(int(scale / 4) + 2)},
        comments=rng.randrange(int(scale / 5) + 2) if rng.random() < 0.1 else 0,
        shares=rng.randrange(int(scale / 12) + 2),
    )
