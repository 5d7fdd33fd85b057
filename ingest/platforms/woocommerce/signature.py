"""The one delivery that nobody signs: to a webhook that was just made, its number is posted as a form."""

import re

from ingest.platforms import Delivery

HEADER = "X-WC-Webhook-Signature"

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


def is_ping(delivery: Delivery) -> bool:
    """Whether this is that form, and nothing else."""
    return not any(delivery.signatures) and _PING.fullmatch(delivery.body) is not None
