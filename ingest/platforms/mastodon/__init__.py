"""Mastodon's accounts: notifications along a stream, statuses, counters and threads with the API. The README beside
this file has the facts."""

from ingest.platforms import Limit, Limits, Platform, Poll, Setting, Stream
from ingest.platforms.mastodon import stream
from ingest.platforms.mastodon.errors import failure, usage
from ingest.platforms.mastodon.facts import PLATFORM as NAME
from ingest.platforms.mastodon.readings import SOURCES, backfill
from ingest.platforms.mastodon.requests import authorise

_TOKEN = Setting("mastodon_access_token", "secret", required=False)

PLATFORM = Platform(
    name=NAME,
    poll=Poll(
        base_url=Setting("mastodon_url", "text", default="https://mastodon.social"),
        token=_TOKEN,
        secrets=None,
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=usage,
        limits=(Limit("host"), Limit("account")),
    ),
    stream=Stream(
        kind="events",
        hosts=Setting("mastodon_streaming_url", "text", default="https://streaming.mastodon.social"),
        token=_TOKEN,
        is_shared=False,
        limits=Limits(max_bytes=stream.LARGEST_MESSAGE, max_values=20_000, max_depth=64),
        silence_seconds=stream.SILENCE_SECONDS,
        lookback_ms=None,
        connect=stream.connect,
        read=stream.read,
        backfill=backfill,
    ),
)
