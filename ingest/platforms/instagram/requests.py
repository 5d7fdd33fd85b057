"""The shapes of what is asked of Instagram. Paths are under the base address, which holds the version."""

from collections.abc import Sequence
from typing import Literal

from ingest.meta.listing import segment
from ingest.platforms import Request

MediaType = Literal["FEED", "CAROUSEL_ALBUM", "REELS"]
"""What decides which metrics a media has. Stories are not among an account's media."""

MEDIA_FIELDS = "id,caption,media_type,media_product_type,permalink,timestamp,like_count,comments_count"
TOTAL_FIELDS = "total_like_count,total_comments_count"
"""What ads with the media gathered is in these; not every kind of login may ask for them."""
COMMENT_FIELDS = "id,text,timestamp,username,from,user,hidden,parent_id"

ACCOUNT_METRICS = ("reach", "views")
"""By day; we call them the same."""

_EVERY_POST = {
    "views": "views",
    "reach": "reach",
    "saved": "saves",
    "shares": "shares",
    "total_interactions": "interactions",
}
_FEED = {**_EVERY_POST, "follows": "follows", "profile_visits": "profile_visits"}
MEDIA_METRICS: dict[MediaType, dict[str, str]] = {
    "FEED": _FEED,
    "CAROUSEL_ALBUM": _FEED,
    "REELS": {
        **_EVERY_POST,
        "ig_reels_avg_watch_time": "watch_time_average_ms",
        "ig_reels_video_view_total_time": "watch_time_ms",
    },
}
"""The platform's metric -> ours. Likes and comments are left out: the media's own counters tell them earlier."""


def media(account: str, limit: int, *, with_totals: bool) -> Request:
    """The account's media, newest first, with their counters."""
    fields = f"{MEDIA_FIELDS},{TOTAL_FIELDS}" if with_totals else MEDIA_FIELDS
    return Request(f"/{segment(account)}/media", {"fields": fields, "limit": str(limit)})


def comments(media_id: str, limit: int) -> Request:
    """Comments of a media, each with the first of its replies."""
    fields = f"{COMMENT_FIELDS},replies{{{COMMENT_FIELDS}}}"
    return Request(f"/{segment(media_id)}/comments", {"fields": fields, "limit": str(limit)})


def replies(comment_id: str, limit: int) -> Request:
    """All replies to a comment."""
    return Request(f"/{segment(comment_id)}/replies", {"fields": COMMENT_FIELDS, "limit": str(limit)})


def followers(account: str) -> Request:
    """How many follow the account now."""
    return Request(f"/{segment(account)}", {"fields": "followers_count"})


def account_insights(account: str, metric: str, since: int, until: int) -> Request:
    """The total of one metric between two instants (seconds): a day's, since not every metric comes as a series."""
    window = {"since": str(since), "until": str(until)}
    return Request(
        f"/{segment(account)}/insights", {"metric": metric, "metric_type": "total_value", "period": "day", **window}
    )


def media_insights(media_id: str, metrics: Sequence[str]) -> Request:
    """What has accumulated since the media was published. One metric that it does not have spoils the request."""
    return Request(f"/{segment(media_id)}/insights", {"metric": ",".join(metrics), "period": "lifetime"})
