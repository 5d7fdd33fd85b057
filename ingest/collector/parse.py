"""What a site told -> touches, orders and links. Pure; nothing but `Unusable` is raised.

The ids of visitors and customers leave here as pseudonyms. Without consent a visitor is nobody: no id, no session, and
of click ids only that there were some, so that the channel is known and the click is not.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast, get_args

from msgspec import Raw, structs

from contracts import identity
from contracts.config import Site
from contracts.events import SCHEMA
from contracts.paid import Consent, Hints, Link, LinkSource, Order, OrderStatus, Touch, TouchKind
from ingest import codes, contact, hints, money
from ingest.collector import shapes
from ingest.fields import EARLIEST, Unusable, checked, identifier, required
from ingest.identity import made_of
from ingest.limits import exceeds
from ingest.wire import decoded

MAX_VALUES, MAX_DEPTH = 2_000, 4
SOURCE = "web"
LOGIN = "login"
NO_CURRENCY = "XXX"
"""ISO 4217's word for what has no price."""

_EVENT_NAME = re.compile(r"[a-z0-9_.:-]{1,64}")

Fact = Touch | Order | Link


@dataclass(frozen=True, slots=True)
class Teller:
    """What is known of a request besides its body. `bot`: a word for why no person made it, given a user agent that
    stands in the body, if any; `visitor` and `customer` make pseudonyms."""

    site: Site
    received_at: int
    bot: Callable[[str | None], str | None]
    visitor: Callable[[str], str]
    customer: Callable[[str], str]


def opened(body: bytes) -> tuple[str | None, list[Raw]]:
    """The write key and the events of a body. Raises `Unusable`."""
    if exceeds(body, MAX_VALUES, MAX_DEPTH):
        raise Unusable("too_deep", "values or levels")
    told = decoded(shapes.envelope, Raw(body))
    events = [Raw(body)] if told.events is None else told.events
    if len(events) > shapes.MOST_EVENTS:
        raise Unusable("oversized", f"events: more than {shapes.MOST_EVENTS}")
    return told.write_key, events


def touch(raw: Raw, teller: Teller) -> Iterator[Fact]:
    """The touch. Raises `Unusable`."""
    event = decoded(shapes.touch, raw)
    kind = cast(TouchKind, _one_of(event.kind, get_args(TouchKind), "kind"))
    bot = teller.bot(event.user_agent)
    consent, visitor = _visitor(event, teller)
    session = identifier(event.session_id, "session_id")
    yield Touch(
        schema=SCHEMA,
        brand=teller.site.brand,
        site_id=teller.site.id,
        touch_id=identity.digest("touch", teller.site.id, required(event.event_id, "event_id")),
        kind=kind,
        occurred_at=_at(event, teller),
        received_at=teller.received_at,
        consent=consent,
        hints=_hints(event, teller.site, is_known=visitor is not None),
        visitor_id=None if bot else visitor,
        session_id=None if bot or visitor is None else session,
        bot=bot,
    )


def click(click_id: str, url: str, target: str, referrer: str | None, teller: Teller) -> Touch:
    """That somebody followed a link of ours to `target`; what `url`, the link itself, tells goes before the target."""
    told = hints.merged(hints.of_url(url, referrer), hints.of_url(target))
    return Touch(
        schema=SCHEMA,
        brand=teller.site.brand,
        site_id=teller.site.id,
        touch_id=identity.digest("click", teller.site.id, click_id),
        kind="click",
        occurred_at=teller.received_at,
        received_at=teller.received_at,
        consent="unknown",
        hints=structs.replace(_anonymous(told), landing=hints.page(target)),
        bot=teller.bot(None),
    )


def conversion(raw: Raw, teller: Teller) -> Iterator[Fact]:
    """The order, and the link of its visitor to its customer; of a login the link alone. Raises `Unusable`."""
    event = decoded(shapes.conversion, raw)
    name = event.event_name.lower()
    if not _EVENT_NAME.fullmatch(name):
        raise Unusable("invalid_field", "event_name")
    event_id = required(event.event_id, "event_id")
    at = _at(event, teller)
    _, visitor = _visitor(event, teller)
    customer = _customer(event, teller)
    if name == LOGIN:
        if customer is None:
            raise Unusable("missing_field", "email, phone or customer_id")
        if visitor is not None:
            yield _link("login", event_id, at, visitor, customer, teller)
        return
    order_id = identifier(event.order_id, "order_id") or event_id
    value, currency, refunded = _money(event)
    yield Order(
        schema=SCHEMA,
        brand=teller.site.brand,
        source=SOURCE,
        shop_id=teller.site.id,
        order_id=order_id,
        version=at if event.version is None else checked(event.version, "version", teller.received_at),
        status=cast(OrderStatus, _one_of(event.status, get_args(OrderStatus), "status")),
        ordered_at=at,
        received_at=teller.received_at,
        currency=currency,
        gross_micros=value,
        refunded_micros=refunded,
        event_name=name,
        customer_id=customer,
        visitor_id=visitor,
        new_customer=event.new_customer,
        hints=_hints(event, teller.site, is_known=visitor is not None),
        codes=_codes(event.codes or []),
    )
    if visitor is not None and customer is not None:
        yield _link("order", order_id, at, visitor, customer, teller)


def _link(source: LinkSource, named: str, at: int, visitor: str, customer: str, teller: Teller) -> Link:
    site = teller.site
    return Link(
        schema=SCHEMA,
        brand=site.brand,
        link_id=made_of(source, SOURCE, site.id, named, visitor, customer),
        visitor_id=visitor,
        customer_id=customer,
        at=at,
        received_at=teller.received_at,
        source=source,
    )


def _one_of(value: str, known: tuple[str, ...], name: str) -> str:
    if value not in known:
        raise Unusable("invalid_field", name)
    return value


def _at(event: shapes.Event, teller: Teller) -> int:
    """The visitor's clock may be anything: it is believed about the past, and never about the future."""
    if event.at is None:
        return teller.received_at
    if event.at < EARLIEST:
        raise Unusable("invalid_time", "at")
    return min(event.at, teller.received_at)


def _visitor(event: shapes.Event, teller: Teller) -> tuple[Consent, str | None]:
    """Consent as it was told, and who the visitor is, if that may be known."""
    consent = cast(Consent, _one_of(event.consent or "unknown", get_args(Consent), "consent"))
    told = identifier(event.visitor_id, "visitor_id")
    may_know = consent == "granted" or (consent == "unknown" and teller.site.consent == "opt_out")
    return consent, teller.visitor(told) if told and may_know else None


def _customer(event: shapes.ConversionEvent, teller: Teller) -> str | None:
    """Who bought: by e-mail, else by telephone, else by the site's own number."""
    who = contact.email(event.email) or contact.phone(event.phone)
    own = identifier(event.customer_id, "customer_id")
    if who is None and own is not None:
        who = identity.join_key(SOURCE, teller.site.id, own)
    return teller.customer(who) if who else None


def _money(event: shapes.ConversionEvent) -> tuple[int, str, int]:
    """Value, currency and what was refunded of it; what has neither value nor currency is worth nothing."""
    if event.value is None and event.currency is None and event.refunded is None:
        return 0, NO_CURRENCY, 0
    value = 0 if event.value is None else _amount(event.value, "value")
    refunded = 0 if event.refunded is None else _amount(event.refunded, "refunded")
    return value, money.currency(event.currency, "currency"), refunded


def _codes(told: list[str]) -> tuple[str, ...]:
    """Whoever tells of an order is told what is no code; an empty one is a field that nobody filled in."""
    said = [word for word in told if word.strip()]
    if len(said) > codes.MOST:
        raise Unusable("invalid_field", f"codes: more than {codes.MOST}")
    if any(codes.code(word) is None for word in said):
        raise Unusable("invalid_field", f"codes: 1 to {codes.LONGEST} characters")
    return codes.of_words(said)


def _amount(value: object, name: str) -> int:
    if not isinstance(value, str | int | float):
        raise Unusable("invalid_money", f"{name}: no number")
    return money.at_least_nothing(money.from_decimal(value, name), name)


def _hints(event: shapes.Event, site: Site, *, is_known: bool) -> Hints:
    """Of the page; the own pages are nowhere to come from."""
    referrer = hints.host(event.referrer)
    own = {hints.host(origin) for origin in site.origins} | {hints.host(event.url)}
    told = hints.of_url(event.url, None if referrer in own else event.referrer)
    if event.fbc:
        told = hints.merged(told, hints.of_parameters([("_fbc", event.fbc)]))
    return told if is_known else _anonymous(told)


def _anonymous(told: Hints) -> Hints:
    return structs.replace(told, click_ids=dict.fromkeys(told.click_ids, "")) if told.click_ids else told
