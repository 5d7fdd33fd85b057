"""Bluesky's accounts: what people do along Jetstream, posts and counters with the API. The README has the facts."""

from ingest.platforms import Limit, Limits, Platform, Poll, Setting, Stream
from ingest.platforms.bluesky.connection import LARGEST_MESSAGE, LOOKBACK_MS, connect
from ingest.platforms.bluesky.errors import failure, usage
from ingest.platforms.bluesky.facts import PLATFORM as NAME
from ingest.platforms.bluesky.jetstream import read
from ingest.platforms.bluesky.readings import SOURCES, backfill
from ingest.platforms.bluesky.requests import authorise

PLATFORM = Platform(
    name=NAME,
    poll=Poll(
        base_url=Setting("bluesky_api_url", "text", default="https://public.api.bsky.app/xrpc"),
        token=Setting("bluesky_access_token", "secret", required=False, default=""),
        secrets=None,
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=usage,
        limits=(Limit("host"),),
    ),
    stream=Stream(
        kind="websocket",
        hosts=Setting(
            "bluesky_stream_hosts",
            "text",
            default="wss://jetstream1.us-east.bsky.network,wss://jetstream2.us-west.bsky.network",
        ),
        token=None,
        is_shared=True,
        limits=Limits(max_bytes=LARGEST_MESSAGE, max_values=20_000, max_depth=64),
        silence_seconds=60.0,
        lookback_ms=LOOKBACK_MS,
        connect=connect,
        read=read,
        backfill=backfill,
    ),
)
