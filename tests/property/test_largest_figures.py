"""One number that is too large to be true costs the item that tells it, on every platform, and nothing beside it."""

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from contracts import codec
from contracts.events import LARGEST_FIGURE, Snapshot
from contracts.outcome import Keep, Refuse
from contracts.paid import AdFact
from ingest.meta.listing import Page
from ingest.platforms import Answer, Part
from ingest.platforms.bluesky import responses as bluesky
from ingest.platforms.facebook import responses as facebook
from ingest.platforms.instagram import responses as instagram
from ingest.platforms.mastodon import responses as mastodon
from tests.unit.ingest import ads, youtube
from tests.unit.ingest import mastodon as fediverse
from tests.unit.ingest.bluesky import CLAIMED, OWNER, POST
from tests.unit.ingest.graph import NOW, POLL

ANSWER = Answer(b"", NOW, POLL)
MADE = "2026-09-20T10:00:00+0000"
Read = Callable[[list[Any]], list[Part]]


def raws(counts: list[int], item: Callable[[int], object]) -> list[Raw]:
    return [Raw(json.dumps(item(count)).encode()) for count in counts]


def of_facebook(counts: list[int]) -> list[Part]:
    items = raws(counts, lambda count: {"id": "1_2", "created_time": MADE, "shares": {"count": count}})
    return facebook.posts("1", Page(items), ANSWER)[0]


def of_insights(counts: list[int]) -> list[Part]:
    days = [{"value": count, "end_time": MADE} for count in counts]
    items = [Raw(json.dumps({"name": "page_follows", "values": days}).encode())]
    return list(facebook.page_insights("1", "shares", Page(items), UTC, ANSWER))


def of_instagram(counts: list[int]) -> list[Part]:
    items = raws(counts, lambda count: {"id": "1", "timestamp": MADE, "comments_count": count})
    found, spoiled = instagram.media("1784", Page(items), ANSWER)
    return [part for _, parts in found for part in parts] + spoiled


def of_mastodon(counts: list[int]) -> list[Part]:
    items = raws(counts, lambda count: fediverse.answer(in_reply_to_id=None, reblogs_count=count, quotes_count=0))
    found, spoiled = mastodon.posts(fediverse.ACCOUNT, items, ANSWER)
    return [part for _, parts in found for part in parts] + spoiled


def of_bluesky(counts: list[int]) -> list[Part]:
    items = raws(counts, lambda count: {"post": {"uri": POST, "indexedAt": CLAIMED, "replyCount": count}})
    found, spoiled = bluesky.feed(OWNER, items, ANSWER)
    return [part for one in found for part in bluesky.post(OWNER, one, ANSWER)] + spoiled


def of_youtube(counts: list[int]) -> list[Part]:
    found, spoiled = youtube.videos(*(youtube.video(statistics={"viewCount": str(count)}) for count in counts))
    return found + spoiled


def of_ads(counts: list[int]) -> list[Part]:
    return ads.rows(*(ads.row(impressions=str(count)) for count in counts))


PLATFORMS: dict[str, tuple[Read, str]] = {
    "facebook": (of_facebook, "shares"),
    "insights": (of_insights, "shares"),
    "instagram": (of_instagram, "comments"),
    "mastodon": (of_mastodon, "shares"),
    "bluesky": (of_bluesky, "direct_comments"),
    "youtube": (of_youtube, "views"),
    "ads": (of_ads, "impressions"),
}
near = st.integers(LARGEST_FIGURE - 2, LARGEST_FIGURE + 2) | st.sampled_from((2**62, 2**63 - 1, 2**63, 10**17))
counted = st.lists(st.integers(1, 10**13) | near, max_size=5)


def kept(parts: list[Part], metric: str) -> list[int | None]:
    """The figures as whoever reads the topics reads them."""
    found: list[int | None] = []
    for part in parts:
        match part.outcome:
            case Keep(Snapshot() as fact):
                read = codec.decoder(Snapshot)(codec.encode(fact))
                found += [read.value] if read.metric == metric else []
            case Keep(AdFact() as fact):
                found.append(codec.decoder(AdFact)(codec.encode(fact)).impressions)
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
@given(counts=counted)
def test_a_number_beyond_the_largest_figure_is_refused_and_its_neighbours_are_counted(
    platform: str, counts: list[int]
) -> None:
    read, metric = PLATFORMS[platform]
    parts = read(counts)
    assert kept(parts, metric) == [count for count in counts if count <= LARGEST_FIGURE]
    refused = [part.outcome for part in parts if isinstance(part.outcome, Refuse)]
    assert len(refused) == sum(count > LARGEST_FIGURE for count in counts)
    assert {one.reason for one in refused} <= {"invalid_field"}
    assert all(one.detail.endswith("beyond 1e+16") for one in refused)


def test_nine_hundred_of_the_largest_can_be_added() -> None:
    assert 900 * LARGEST_FIGURE < 2**63


@given(st.integers(1, LARGEST_FIGURE), st.integers(1, LARGEST_FIGURE))
def test_shares_that_are_counted_in_two_numbers_are_bounded_as_their_sum(reposts: int, quotes: int) -> None:
    status = fediverse.answer(in_reply_to_id=None, reblogs_count=reposts, quotes_count=quotes)
    found, spoiled = mastodon.posts(fediverse.ACCOUNT, raws([0], lambda _count: status), ANSWER)
    told = [part for _, parts in found for part in parts]
    assert kept(told, "shares") == ([reposts + quotes] if reposts + quotes <= LARGEST_FIGURE else [])
    assert len(spoiled) == (reposts + quotes > LARGEST_FIGURE)
