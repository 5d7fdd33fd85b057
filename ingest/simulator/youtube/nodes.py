"""Channels, videos and comments as the Data API writes them, and the values and columns that they show."""

import datetime as dt
from typing import Any

from ingest.simulator.graph.nodes import LIFETIME, Value
from ingest.simulator.population import Page, People
from ingest.simulator.posts import Remark
from ingest.simulator.youtube.world import DURATIONS, Video, hides_subscribers, is_nameless

SHOWN_DIGITS = 3


def iso(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rounded(count: int) -> int:
    """Down to the digits that are shown.

    >>> rounded(123_456), rounded(999), rounded(0)
    (123000, 999, 0)
    """
    unit: int = 10 ** max(0, len(str(count)) - SHOWN_DIGITS)
    return count // unit * unit


def subscribers(channel: Page, now: int) -> int | None:
    """None: hidden."""
    return None if hides_subscribers(channel) else rounded(channel.followers_at(now))


def playlist(channel: Page) -> str:
    """The playlist of a channel's uploads."""
    return channel.id.replace("UC", "UU", 1)


def channel(channel: Page, now: int) -> dict[str, Any]:
    count = subscribers(channel, now)
    return {
        "id": channel.id,
        "contentDetails": {"relatedPlaylists": {"uploads": playlist(channel)}},
        "statistics": {"subscriberCount": str(count or 0), "hiddenSubscriberCount": count is None},
    }


def counters(video: Video, now: int) -> list[Value]:
    """A counter that is left out is unknown, that of likes hidden."""
    likes = None if video.hides_likes else video.likes()
    comments = video.comment_count(True) if video.takes_comments else None
    return [
        (video.id, "views", LIFETIME, video.views(now), "known"),
        (video.id, "likes", LIFETIME, likes, "hidden" if likes is None else "known"),
        (video.id, "comments", LIFETIME, comments, "unavailable" if comments is None else "known"),
    ]


_NAMES = {"views": "viewCount", "likes": "likeCount", "comments": "commentCount"}


def video(video: Video, now: int) -> dict[str, Any]:
    statistics = {_NAMES[metric]: str(value) for _, metric, _, value, _ in counters(video, now) if value is not None}
    live = {"liveStreamingDetails": {"actualStartTime": iso(video.created_at)}} if video.format == "live" else {}
    return {
        "id": video.id,
        "snippet": {
            "publishedAt": iso(video.created_at),
            "channelId": video.page.id,
            "title": video.title(now),
            "description": video.wording(now).message or "",
            "liveBroadcastContent": "none",
        },
        "contentDetails": {"duration": DURATIONS[video.format]},
        "status": {"privacyStatus": "public"},
        "statistics": {**statistics, "favoriteCount": "0"},
        **live,
    }


def content(video: Video, now: int) -> dict[str, Any]:
    wording = video.wording(now)
    hashtags = ["shorts"] * video.is_short + wording.hashtags
    return {
        "published_at": video.created_at * 1000,
        "permalink": video.permalink,
        "format": video.format,
        "text_length": len(video.title(now)),
        "hashtags": list(dict.fromkeys(hashtags)),
        "mentions": wording.mentions,
        "links": wording.links,
        "is_published": True,
    }


def comment(one: Remark) -> dict[str, Any]:
    snippet: dict[str, Any] = {
        "textDisplay": one.message,
        "textOriginal": one.message,
        "publishedAt": iso(one.created_at),
        "updatedAt": iso(one.edited_at or one.created_at),
    }
    if not is_nameless(one.author):
        own = one.author == one.post.page.id
        name = one.post.page.name if own else f"@{People.name(one.author.removeprefix('UC'))}"
        snippet |= {"authorChannelId": {"value": one.author}, "authorDisplayName": name}
    if one.parent is not None:
        snippet["parentId"] = one.parent.id
    return {"id": one.id, "snippet": snippet}


def thread(one: Remark, first: list[Remark], total: int) -> dict[str, Any]:
    below = {"replies": {"comments": [comment(reply) for reply in first]}} if first else {}
    return {"id": one.id, "snippet": {"topLevelComment": comment(one), "totalReplyCount": total}, **below}
