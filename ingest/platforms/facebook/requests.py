"""The shapes of what is asked of the Graph API. Paths are under the base address, which holds the version."""

from collections.abc import Sequence

from ingest.meta.listing import segment
from ingest.platforms import Request

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
COMMENT_FIELDS = "id,from,message,created_time,parent,permalink_url"

PAGE_METRICS = {
    "page_follows": "followers",
    "page_total_media_view_unique": "reach",
    "page_media_view": "views",
    "page_post_engagements": "post_engagements",
}
POST_METRICS = {"post_media_view": "views", "post_total_media_view_unique": "reach"}
"""The platform's metric -> ours."""


def posts(page: str, since_ms: int, limit: int) -> Request:
    """The page's own posts since a time, newest first, with their counters."""
    params = {"fields": POST_FIELDS, "since": str(since_ms // 1000), "limit": str(limit)}
    return Request(f"/{segment(page)}/published_posts", params)


def comments(post_id: str, limit: int) -> Request:
    """Comments and replies of a post."""
    params = {"filter": "stream", "fields": COMMENT_FIELDS, "limit": str(limit)}
    return Request(f"/{segment(post_id)}/comments", params)


def page_insights(page: str, metric: str, since_ms: int, until_ms: int) -> Request:
    """One metric by day: asked for alone, so that a retired metric costs only itself."""
    window = {"since": str(since_ms // 1000), "until": str(until_ms // 1000)}
    return Request(f"/{segment(page)}/insights", {"metric": metric, "period": "day", **window})


def post_insights(post_id: str, metrics: Sequence[str]) -> Request:
    """What has accumulated since the post was published."""
    return Request(f"/{segment(post_id)}/insights", {"metric": ",".join(metrics), "period": "lifetime"})
