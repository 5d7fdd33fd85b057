"""Shopify's shops, by their webhooks. The README beside this file has the facts."""

from ingest.platforms import Limits, Platform, Setting, Webhook
from ingest.platforms.shopify.parse import PLATFORM as NAME
from ingest.platforms.shopify.parse import parse
from ingest.shops.envelope import of_headers
from ingest.shops.signature import signer

PLATFORM = Platform(
    name=NAME,
    webhook=Webhook(
        endpoint="shopify",
        limits=Limits(max_bytes=4 * 1024 * 1024, max_values=100_000, max_depth=32),
        signature_header="X-Shopify-Hmac-Sha256",
        secrets=Setting("shopify_app_secrets", "secrets"),
        verify=signer,
        parse=parse,
        envelop=of_headers(topic="X-Shopify-Topic", shop="X-Shopify-Shop-Domain"),
    ),
)
