"""Stripe's accounts, by their webhooks. The README beside this file has the facts."""

from ingest.platforms import Limits, Platform, Setting, Webhook
from ingest.platforms.stripe.parse import PLATFORM as NAME
from ingest.platforms.stripe.parse import parse
from ingest.platforms.stripe.signature import HEADER, signer
from ingest.shops.envelope import enveloped

PLATFORM = Platform(
    name=NAME,
    webhook=Webhook(
        endpoint="stripe",
        limits=Limits(max_bytes=1024 * 1024, max_values=50_000, max_depth=32),
        signature_header=HEADER,
        secrets=Setting("stripe_webhook_secrets", "secrets"),
        verify=signer,
        parse=parse,
        envelop=lambda delivery: enveloped({"account": delivery.address}, delivery.body),
    ),
)
