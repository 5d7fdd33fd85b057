"""What a shop is polled for: the orders that changed, and whether it still has our webhook.

A webhook that failed is never sent again, and five failures switch it off; what was lost comes back here. The listing
of orders is read by time, not by page: an order that changes meanwhile moves to its end, and the others move up.
"""

import msgspec
from msgspec import Raw, Struct

from ingest.asking import ask, whole
from ingest.fields import Unusable
from ingest.platforms import Found, Job, Part, Plan, PollFailed, Reading, Source
from ingest.platforms.woocommerce import requests
from ingest.platforms.woocommerce.parse import modified_at, polled
from ingest.subscribed import seen

MOST_PAGES = 100
"""Pages of orders that changed in one second, or of webhooks; whoever lists more lists them in a circle."""

_PATH = "/webhooks/woocommerce"
"""How the address ends that our receiver gives a shop."""
_MODIFIED = "modified"
_listing = msgspec.json.Decoder(list[Raw]).decode


class _Webhook(Struct):
    status: str = ""
    topic: str = ""
    delivery_url: str = ""


_webhooks_of = msgspec.json.Decoder(list[_Webhook]).decode


def plan_orders(job: Job) -> Plan:
    """The orders that changed since the last poll, and of some time before it."""
    return Plan([_orders(job)])


def _orders(job: Job) -> Reading:
    known = job.known["orders"].state.get(_MODIFIED)
    before = job.since
    since = known - job.polling.overlap_seconds * 1000 if isinstance(known, int) else before
    since -= since % 1000
    newest, page = known if isinstance(known, int) else since, 1
    while True:
        answer = whole((yield from ask(requests.orders(since, page, job.polling.page_size))))
        try:
            listing = _listing(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise PollFailed("no_listing") from None
        parts: list[Part] = []
        last = since
        for raw in listing:
            parts += polled(job.account, raw, answer.receipt)
            changed = _changed(raw, last, answer.received_at)
            if changed < last:
                raise PollFailed("unsorted_listing")  # what it lists next cannot be known
            last = max(last, changed)
        if parts:
            yield Found(tuple(parts))
        newest = max(newest, last)
        if len(listing) < job.polling.page_size:
            return {_MODIFIED: newest}
        since, page = (last, 1) if last > since else (since, page + 1)
        if page > MOST_PAGES:
            raise PollFailed("paging_loop")


def _changed(raw: Raw, default: int, received_at: int) -> int:
    """When an order of a listing was changed; one that cannot be read says nothing of it."""
    try:
        return modified_at(raw, received_at)
    except Unusable:
        return default


def plan_webhooks(job: Job) -> Plan:
    """Whether the shop still pushes to us: it disables a webhook for good after a few answers that it did not like."""
    return Plan([_webhooks(job)])


def _webhooks(job: Job) -> Reading:
    before = job.known["webhooks"].state
    page, found = 1, list[_Webhook]()
    while page == 1 or len(found) == (page - 1) * requests.WEBHOOKS_A_PAGE:
        answer = yield from ask(requests.webhooks(page))
        if answer.failure is not None:  # the key may read orders alone, or nothing for now
            return before
        try:
            found += _webhooks_of(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise PollFailed("no_listing") from None
        if page == MOST_PAGES:
            raise PollFailed("paging_loop")
        page += 1
    ours = [one for one in found if one.delivery_url.partition("?")[0].endswith(_PATH)]
    is_there = any(one.status == "active" and one.topic.startswith("order.") for one in ours)
    return seen(before, job.now, is_there=is_there)


SOURCES = (
    Source("orders", lambda polling: polling.posts_seconds, plan_orders),
    Source("webhooks", lambda polling: polling.insights_seconds, plan_webhooks),
)
