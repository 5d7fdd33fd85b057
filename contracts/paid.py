"""Records of the paid leg: what ads did, who came, what they bought. All of it is partitioned by brand.

Money is in micro-units of `currency` (1.00 is 1,000,000), a count that may be a fraction in micro-counts. Times are
epoch milliseconds UTC; unknown is None, never 0; a field that has its default is not written.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from contracts.events import Figure, Instant

Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
Level = Literal["ad", "campaign", "account"]
EntityKind = Literal["account", "campaign", "adset", "ad"]
TouchKind = Literal["click", "view", "visit"]
Consent = Literal["granted", "denied", "unknown"]
OrderStatus = Literal["pending", "paid", "cancelled", "test"]
LinkSource = Literal["login", "order", "import"]


class AdResult(Struct, frozen=True, gc=False, omit_defaults=True):
    """Conversions that the platform claims, of one family (`purchase`, `lead`, ...) in one attribution window.

    `window` is `default` (the ad set's own setting), `1d_view`, `1d_click`, `7d_click` or `28d_click`: nested, never
    summed.
    """

    family: str
    window: str
    count_micros: Figure
    value_micros: Figure | None = None


class AdFact(Struct, frozen=True, gc=False, omit_defaults=True):
    """What an ad, campaign or ad account did in a window, as believed at `as_of`. Topic `ads.facts`; a later one of the
    same grain replaces it.

    `window` is `day:YYYY-MM-DD` (the ad account's local date) or `lifetime`; lifetime facts and those of campaigns and
    accounts are read for `reach`, which cannot be summed. `breakdown` is empty for a total, else `name=value` pairs
    sorted and joined by `,`: a grain of its own that enters no total. `provisional`: the platform may still restate it.
    """

    schema: int
    brand: str
    platform: str
    account_id: str
    level: Level
    entity_id: str
    window: str
    currency: Currency
    zone: str
    as_of: Instant
    received_at: int
    run_id: str
    campaign_id: str | None = None
    adset_id: str | None = None
    ad_id: str | None = None
    breakdown: str = ""
    spend_micros: Figure = 0
    impressions: Figure = 0
    clicks: Figure = 0
    link_clicks: Figure = 0
    reach: Figure | None = None
    reactions: Figure = 0
    comments: Figure = 0
    shares: Figure = 0
    saves: Figure = 0
    video_views: Figure = 0
    results: tuple[AdResult, ...] = ()
    attribution_setting: str | None = None
    provisional: bool = False


class AdEntity(Struct, frozen=True, gc=False, omit_defaults=True):
    """What an ad account, campaign, ad set or ad is, as last read. Topic `ads.entities`, one record an entity.

    `post_*` name the post that an ad promotes, in the words of `content.posts`.
    """

    schema: int
    brand: str
    platform: str
    account_id: str
    kind: EntityKind
    entity_id: str
    as_of: Instant
    received_at: int
    name: str | None = None
    status: str | None = None
    effective_status: str | None = None
    objective: str | None = None
    campaign_id: str | None = None
    adset_id: str | None = None
    currency: Currency | None = None
    zone: str | None = None
    daily_budget_micros: Figure | None = None
    lifetime_budget_micros: Figure | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    post_platform: str | None = None
    post_account_id: str | None = None
    post_id: str | None = None


class Hints(Struct, frozen=True, omit_defaults=True):
    """What an address tells of where somebody came from.

    `source`, `medium`, `campaign`, `term` and `content` are the utm parameters, normalised for grouping (NFC, lower
    case, trimmed); `utm_id` and `click_ids` (parameter name -> value) as they came, since case matters in them.
    `landing` is the page's host and path, `referrer` the referring host: neither has a query.
    """

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None
    utm_id: str | None = None
    click_ids: dict[str, str] = {}
    campaign_id: str | None = None
    adset_id: str | None = None
    ad_id: str | None = None
    landing: str | None = None
    referrer: str | None = None


class Touch(Struct, frozen=True, omit_defaults=True):
    """Somebody came, clicked or saw. Topic `attribution.touches`; the same `touch_id` is the same touch.

    `visitor_id` is a pseudonym; None without consent, so that the touch counts and belongs to nobody. `occurred_at` is
    the visitor's clock, capped at the receipt. `bot`: a word for why this is no person, None for people.
    """

    schema: int
    brand: str
    site_id: str
    touch_id: str
    kind: TouchKind
    occurred_at: Instant
    received_at: int
    consent: Consent
    hints: Hints = Hints()
    visitor_id: str | None = None
    session_id: str | None = None
    bot: str | None = None
    visitor_id_next: str | None = None
    """Who `visitor_id` will be with the next identity key, while it is being changed; so with every `..._next` here."""


class Order(Struct, frozen=True, omit_defaults=True):
    """An order as it stood at `version` (epoch milliseconds of the shop's last change; where that tells whole seconds
    only, the rest ranks what the order may be in one: pending, paid, refunded, cancelled). Topic
    `attribution.conversions`.

    The one with the greatest version decides (of equal ones: docs/semantics.md, section 10); a conversion of an own
    site is an order of `source` `web`. `gross_micros` is the total in the shop's own currency. `refunded_micros`:
    refunded so far by this reading, if the source tells a sum. `customer_id` and `visitor_id` are pseudonyms. `codes`
    are those that made it cheaper: trimmed, lower case, sorted, each once.

    `is_deleted`: the shop deleted the order and tells no more than that. Its status is `cancelled`; everything else
    stays as the greatest version that is no deletion says, and if there is none there is no order.
    """

    schema: int
    brand: str
    source: str
    shop_id: str
    order_id: str
    version: int
    status: OrderStatus
    ordered_at: Instant
    received_at: int
    currency: Currency
    gross_micros: Figure
    refunded_micros: Figure = 0
    event_name: str = "purchase"
    customer_id: str | None = None
    visitor_id: str | None = None
    new_customer: bool | None = None
    hints: Hints = Hints()
    is_deleted: bool = False
    customer_id_next: str | None = None
    visitor_id_next: str | None = None
    codes: tuple[str, ...] = ()


class Refund(Struct, frozen=True, omit_defaults=True):
    """Money given back for an order. Topic `attribution.conversions`; the same `refund_id` is the same refund, of which
    the greatest `version` decides. `has_failed`: it was not paid out after all. May come before its order.

    `is_total`: not one refund but all that was refunded of the order so far, single ones among it. An order's refunds
    are the greater of: the sum of its single ones, and its greatest total (or its own `refunded_micros`) less those
    that failed.
    """

    schema: int
    brand: str
    source: str
    shop_id: str
    order_id: str
    refund_id: str
    version: int
    refunded_at: Instant
    received_at: int
    currency: Currency
    amount_micros: Figure
    has_failed: bool = False
    is_total: bool = False


class Link(Struct, frozen=True, omit_defaults=True):
    """A visitor turned out to be a customer. Topic `attribution.links`. Both ids are pseudonyms."""

    schema: int
    brand: str
    link_id: str
    visitor_id: str
    customer_id: str
    at: Instant
    received_at: int
    source: LinkSource
    link_id_next: str | None = None
    visitor_id_next: str | None = None
    customer_id_next: str | None = None


PaidFact = AdFact | AdEntity | Touch | Order | Refund | Link
