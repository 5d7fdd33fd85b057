"""The shapes of what is asked of Bluesky's API. Everything here is public: a token is sent only if there is one."""

from collections.abc import Sequence

from ingest.platforms import Request
from ingest.platforms.bluesky.uris import Uri

MOST_ITEMS = 100
DEPTH = 100
"""Levels of replies below a post."""


def authorise(token: str, _secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    return ({"Authorization": f"Bearer {token}"} if token else {}), {}


def profile(did: str) -> Request:
    """Who the account is, and how many follow it."""
    return Request("/app.bsky.actor.getProfile", {"actor": did})


def feed(did: str, limit: int) -> Request:
    """The account's posts, newest first, with counters; what it reposted is among them, its replies are not."""
    how = {"filter": "posts_no_replies", "limit": str(min(limit, MOST_ITEMS))}
    return Request("/app.bsky.feed.getAuthorFeed", {"actor": did, **how})


def likes(post: Uri) -> Request:
    """Who likes a post, since when."""
    return Request("/app.bsky.feed.getLikes", {"uri": str(post), "limit": str(MOST_ITEMS)})


def quotes(post: Uri) -> Request:
    """The posts that quote a post."""
    return Request("/app.bsky.feed.getQuotes", {"uri": str(post), "limit": str(MOST_ITEMS)})


def thread(post: Uri) -> Request:
    """A post with the replies below it."""
    return Request("/app.bsky.feed.getPostThread", {"uri": str(post), "depth": str(DEPTH), "parentHeight": "0"})
