"""YouTube's channels, read with the Data API. The README beside this file has the facts."""

from ingest.platforms import Platform, Poll, Setting
from ingest.platforms.youtube.errors import failure
from ingest.platforms.youtube.facts import PLATFORM as NAME
from ingest.platforms.youtube.readings import SOURCES
from ingest.platforms.youtube.requests import authorise

PLATFORM = Platform(
    name=NAME,
    poll=Poll(
        base_url=Setting("youtube_api_url", "text", default="https://www.googleapis.com/youtube/v3"),
        token=Setting("youtube_access_token", "secret", required=False),
        secrets=None,
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=lambda _headers: None,  # no answer tells how much of the quota is spent
    ),
)
