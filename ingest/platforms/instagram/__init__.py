"""Instagram's professional accounts: webhooks, and the Graph API. The README beside this file has the facts."""

from ingest.meta.listing import authorise
from ingest.meta.signature import HEADER, answer_handshake, signer
from ingest.meta.usage import usage
from ingest.platforms import Limits, Platform, Poll, Setting, Webhook
from ingest.platforms.instagram.envelope import OBJECT
from ingest.platforms.instagram.errors import failure
from ingest.platforms.instagram.facts import PLATFORM as NAME
from ingest.platforms.instagram.parse import parse
from ingest.platforms.instagram.readings import SOURCES

_APP_SECRETS = "instagram_app_secrets"

PLATFORM = Platform(
    name=NAME,
    webhook=Webhook(
        endpoint="meta",
        object=OBJECT,
        limits=Limits(max_bytes=8 * 1024 * 1024, max_values=200_000, max_depth=32),
        signature_header=HEADER,
        secrets=Setting(_APP_SECRETS, "secrets"),
        verify_token=Setting("meta_verify_token", "secret"),
        verify=signer,
        answer_handshake=answer_handshake,
        parse=parse,
    ),
    poll=Poll(
        base_url=Setting("instagram_graph_url", "text", default="https://graph.facebook.com/v25.0"),
        token=Setting("instagram_access_token", "secret", required=False),
        secrets=Setting(_APP_SECRETS, "secrets", required=False),
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=usage,
    ),
)
