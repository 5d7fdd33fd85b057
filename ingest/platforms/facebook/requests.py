"""The shapes of what is asked of the Graph API. Paths are under the base address, which holds the version."""

import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlsplit

from ingest.platforms import PollFailed, Request

REACTION_ALIASES = {
    "like": "LIKE",
    "love": "LOVE",
    "care": "CARE",
    "haha": "HAHA",
    "wow": "WOW",
    "sad": "SAD",
    "angry": "ANGRY",
}
"""Our reaction -> the platform's type; each is asked for under an alias of our name."""

POST_FIELDS = ",".join(
    (
        "id,message,created_time,updated_time,permalink_url,status_type,is_published,promotion_status,shares",
        "reactions.limit(0).summary(total_count)",
        "comments.filter(stream).limit(0).summary(true)",
        *(
            f"reactions.type({theirs}).limit(0).summary(total_count).as({ours})"
            for ours, theirs in REACTION_ALIASES.items()
        ),
    )
)
COMMENT_FIELDS = "id,from,message,created_time,parent"

PAGE_METRICS = {
    "page_follows": "followers",
    "page_total_media_view_unique": "reach",
    "page_media_view": "views",
    "page_post_engagements": "post_engagements",
}
POST_METRICS = {"post_media_view": "views", "post_total_media_view_unique": "reach"}
"""The platform's metric -> ours."""

_PAGING = ("after", "__paging_token", "offset", "since", "until", "page")
"""What may be taken over from a `next` link; everything else of a request stays as we made it."""


def posts(page: str, since_ms: int, limit: int) -> Request:
    """The page's own posts since a time, newest first, with their counters."""
    params = {"fields": POST_FIELDS, "since": str(since_ms // 1000), "limit": str(limit)}
    return Request(f"/{_segment(page)}/published_posts", params)


def comments(post_id: str, limit: int) -> Request:
    """Comments and replies of a post."""
    params = {"filter": "stream", "fields": COMMENT_FIELDS, "limit": str(limit)}
    return Request(f"/{_segment(post_id)}/comments", params)


def page_insights(page: str, metric: str, since_ms: int, until_ms: int) -> Request:
    """One metric by day: asked for alone, so that a retired metric costs only itself."""
    window = {"since": str(since_ms // 1000), "until": str(until_ms // 1000)}
    return Request(f"/{_segment(page)}/insights", {"metric": metric, "period": "day", **window})


def post_insights(post_id: str, metrics: Sequence[str]) -> Request:
    """What has accumulated since the post was published."""
    return Request(f"/{_segment(post_id)}/insights", {"metric": ",".join(metrics), "period": "lifetime"})


def following(request: Request, next_url: str, base_url: str) -> Request:
    """The request for the next page: ours with the link's cursor. The link itself is never followed.

    A link to another origin is refused.
    """
    link, base = urlsplit(next_url), urlsplit(base_url)
    if (link.scheme, link.netloc) != (base.scheme, base.netloc):
        raise PollFailed("foreign_next")
    cursor = {name: value for name, value in parse_qsl(link.query) if name in _PAGING}
    return Request(request.path, {**request.params, **cursor})


def smaller(request: Request) -> Request | None:
    """The same request for half as many items; None if it cannot be smaller."""
    limit = int(request.params.get("limit", "1"))
    return None if limit <= 1 else Request(request.path, {**request.params, "limit": str(limit // 2)})


def authorise(token: str, secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and parameters that carry the credentials: the token in a header, its proof as a parameter."""
    proof = hmac.digest(secrets[0].encode(), token.encode(), "sha256").hex() if secrets else None
    return {"Authorization": f"Bearer {token}"}, {"appsecret_proof": proof} if proof else {}


def _segment(identifier: str) -> str:
    return quote(identifier, safe="")


def cursor_of(request: Request) -> frozenset[tuple[str, str]]:
    """What of a request tells one page from another."""
    return frozenset((name, value) for name, value in request.params.items() if name in _PAGING)
