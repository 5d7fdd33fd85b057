"""Meta's ad accounts, polled with the Marketing API. The README beside this file has the facts."""

from ingest.meta.listing import authorise
from ingest.platforms import Platform, Poll, Setting
from ingest.platforms.meta_ads.errors import failure
from ingest.platforms.meta_ads.facts import PLATFORM as NAME
from ingest.platforms.meta_ads.readings import SOURCES
from ingest.platforms.meta_ads.usage import usage

PLATFORM = Platform(
    name=NAME,
    poll=Poll(
        base_url=Setting("meta_ads_api_url", "text", default="https://graph.facebook.com/v25.0"),
        token=Setting("meta_ads_access_token", "secret", required=False),
        secrets=Setting("meta_ads_app_secrets", "secrets", required=False),
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=usage,
    ),
)
