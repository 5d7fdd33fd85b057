"""WooCommerce's shops: their webhooks, and their orders polled for what those lost. The README has the facts."""

from ingest.platforms import Limits, Platform, Poll, Setting, Webhook
from ingest.platforms.woocommerce.parse import PLATFORM as NAME
from ingest.platforms.woocommerce.parse import parse
from ingest.platforms.woocommerce.readings import SOURCES
from ingest.platforms.woocommerce.requests import authorise, failure
from ingest.platforms.woocommerce.signature import HEADER, is_ping
from ingest.shops.envelope import of_headers
from ingest.shops.signature import signer

PLATFORM = Platform(
    name=NAME,
    webhook=Webhook(
        endpoint="woocommerce",
        limits=Limits(max_bytes=4 * 1024 * 1024, max_values=100_000, max_depth=32),
        signature_header=HEADER,
        secrets=Setting("woocommerce_webhook_secrets", "secrets"),
        verify=signer,
        parse=parse,
        envelop=of_headers(topic="X-WC-Webhook-Topic", shop="X-WC-Webhook-Source"),
        is_ping=is_ping,
    ),
    poll=Poll(
        base_url=Setting("woocommerce_api_url", "text", default="/wp-json/wc/v3"),
        token=Setting("woocommerce_api_key", "secret", required=False),
        secrets=None,
        sources=SOURCES,
        authorise=authorise,
        failure=failure,
        usage=lambda _headers: None,  # no answer tells of a limit
        is_optional=True,
    ),
)
