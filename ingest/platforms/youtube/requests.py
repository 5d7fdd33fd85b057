"""The shapes of what is asked of YouTube: list calls, each of which costs one unit of the quota."""

from collections.abc import Sequence

from ingest.platforms import Request

MOST_VIDEOS = 50
"""Items of a playlist in one answer, and ids in one request for videos."""

_API_KEY = "AIza"


def authorise(token: str, _secrets: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Headers that carry an API key or, which is anything else, an OAuth access token; neither is ever a parameter.

    >>> authorise("AIzaSy", ()), authorise("ya29.a0", ())
    (({'X-Goog-Api-Key': 'AIzaSy'}, {}), ({'Authorization': 'Bearer ya29.a0'}, {}))
    """
    if token.startswith(_API_KEY):
        return {"X-Goog-Api-Key": token}, {}
    return {"Authorization": f"Bearer {token}"}, {}


def channel(channel_id: str) -> Request:
    """The channel's counters."""
    return Request("/channels", {"part": "statistics", "id": channel_id})


def playlists(channel_id: str) -> Request:
    """Which playlist holds the channel's uploads."""
    return Request("/channels", {"part": "contentDetails", "id": channel_id})


def uploads(playlist_id: str, limit: int) -> Request:
    """The channel's videos, newest first: their ids alone."""
    size = str(min(limit, MOST_VIDEOS))
    return Request("/playlistItems", {"part": "contentDetails", "playlistId": playlist_id, "maxResults": size})


def videos(ids: Sequence[str]) -> Request:
    """What these videos are, and their counters. Those that are gone or private are left out of the answer."""
    parts = "snippet,contentDetails,status,statistics,liveStreamingDetails"
    return Request("/videos", {"part": parts, "id": ",".join(ids)})


def threads(video_id: str, limit: int) -> Request:
    """The comments of a video, newest first, each with some of its replies."""
    how = {"order": "time", "textFormat": "plainText", "maxResults": str(limit)}
    return Request("/commentThreads", {"part": "snippet,replies", "videoId": video_id, **how})


def replies(comment_id: str, limit: int) -> Request:
    """All replies to a comment."""
    how = {"textFormat": "plainText", "maxResults": str(limit)}
    return Request("/comments", {"part": "snippet", "parentId": comment_id, **how})
