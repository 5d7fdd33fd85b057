"""YouTube's channels, read with the Data API, and its hub's word that a video is new or gone. The README beside this
file has the facts."""

from ingest.platforms import Limit, Limits, Platform, Poll, Setting, Webhook
from ingest.platforms.youtube import lease, push, websub
from ingest.platforms.youtube.errors import QUOTA_UNITS, QUOTA_ZONE, failure
from ingest.platforms.youtube.facts import PLATFORM as NAME
from ingest.platforms.youtube.readings import SOURCES
from ingest.platforms.youtube.requests import authorise

PLATFORM = Platform(
    name=NAME,
    webhook=Webhook(
        endpoint="youtube",
        limits=Limits(max_bytes=1024 * 1024, max_values=1024 * 1024, max_depth=1024 * 1024),  # XML has its own bounds
        signature_header=websub.HEADER,
        secrets=lease.HUB_SECRETS,
        verify_token=lease.HUB_SECRETS,  # the tokens are made with them
        verify=websub.verify,
        answer_handshake=websub.answer_handshake,
        parse=push.parse,
        denied=push.denied,
    ),
    poll=Poll(
        base_url=Setting("youtube_api_url", "text", default="https://www.googleapis.com/youtube/v3"),
        token=Setting("youtube_access_token", "secret", required=False),
        secrets=None,
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=lambda _headers: None,  # no answer tells how much of the quota is spent
        settings=lease.SETTINGS,
        limits=(Limit("app", QUOTA_UNITS, zone=QUOTA_ZONE),),
    ),
)
