"""What a site tells becomes touches, orders and links: consent decides who is known, and money is exact."""

import json
from collections.abc import Mapping

import pytest
from msgspec import Raw

from contracts.config import Site
from contracts.paid import Link, Order, Touch
from ingest.collector import parse
from ingest.collector.parse import Fact, Teller
from ingest.collector.shapes import MOST_EVENTS
from ingest.fields import Unusable

NOW = 1_790_000_000_000
SITE = Site("shop", "acme", ("wk_0123456789abcdef",), origins=("https://shop.test",))
OPT_OUT = Site("shop", "acme", ("wk_0123456789abcdef",), consent="opt_out")
EVENT = {"event_id": "e1", "visitor_id": "v1", "consent": "granted", "at": NOW - 1000}


def teller(site: Site = SITE, bot: str | None = None) -> Teller:
    return Teller(site, NOW, lambda agent: agent or bot, lambda one: f"visitor {one}", lambda one: f"customer {one}")


def touch(event: Mapping[str, object], by: Teller | None = None) -> Touch:
    (found,) = parse.touch(Raw(json.dumps({**EVENT, **event}).encode()), by or teller())
    assert isinstance(found, Touch)
    return found


def conversion(event: Mapping[str, object], by: Teller | None = None) -> list[Fact]:
    return list(parse.conversion(Raw(json.dumps({**EVENT, **event}).encode()), by or teller()))


def order(event: Mapping[str, object]) -> Order:
    found = conversion(event)[0]
    assert isinstance(found, Order)
    return found


def refusal(event: Mapping[str, object]) -> tuple[str, str]:
    with pytest.raises(Unusable) as told:
        conversion(event)
    return told.value.reason, told.value.detail


# -- touches -----------------------------------------------------------------------------------------------------


def test_the_same_event_id_is_the_same_touch_at_its_site_only() -> None:
    other = Site("blog", "acme", ("wk_another_0123456",))
    assert touch({"url": "https://shop.test/a"}).touch_id == touch({"url": "https://shop.test/b"}).touch_id
    assert touch({}).touch_id != touch({"event_id": "e2"}).touch_id
    assert touch({}).touch_id != touch({}, teller(other)).touch_id


@pytest.mark.parametrize(
    ("site", "consent", "is_known"),
    [
        (SITE, "granted", True),
        (SITE, "denied", False),
        (SITE, "unknown", False),
        (SITE, None, False),
        (OPT_OUT, "unknown", True),
        (OPT_OUT, None, True),
        (OPT_OUT, "denied", False),
    ],
)
def test_a_visitor_is_known_by_their_consent(site: Site, consent: str | None, is_known: bool) -> None:
    url = "https://shop.test/?utm_source=x&fbclid=IwAR0"
    found = touch({"consent": consent, "session_id": "s1", "url": url}, teller(site))
    assert found.consent == (consent or "unknown")
    assert (found.visitor_id, found.session_id) == (("visitor v1", "s1") if is_known else (None, None))
    assert found.hints.source == "x"
    assert found.hints.click_ids == {"fbclid": "IwAR0" if is_known else ""}


def test_the_visitors_clock_is_believed_about_the_past_alone() -> None:
    assert touch({}).occurred_at == NOW - 1000
    assert touch({"at": NOW + 10**9}).occurred_at == NOW
    assert touch({"at": 10**30}).occurred_at == NOW
    assert touch({"at": None}).occurred_at == NOW
    with pytest.raises(Unusable, match="invalid_time"):
        touch({"at": 0})


def test_a_bot_is_a_touch_of_nobody() -> None:
    found = touch({"session_id": "s1"}, teller(bot="prefetch"))
    assert (found.bot, found.visitor_id, found.session_id) == ("prefetch", None, None)
    assert touch({"user_agent": "bot"}, teller()).bot == "bot"


def test_the_own_pages_are_nowhere_to_come_from() -> None:
    assert touch({"url": "https://shop.test/b", "referrer": "https://shop.test/a"}).hints.referrer is None
    assert touch({"url": "https://www.shop.test/b", "referrer": "https://www.shop.test/a"}).hints.referrer is None
    assert (
        touch({"url": "https://shop.test/b", "referrer": "https://l.facebook.com/"}).hints.referrer == "l.facebook.com"
    )


def test_metas_cookie_tells_a_click_that_the_address_has_lost() -> None:
    assert touch({"fbc": "fb.1.1789.IwAR0"}).hints.click_ids == {"fbclid": "IwAR0"}


def test_a_click_tells_of_its_link_before_its_target() -> None:
    found = parse.click(
        "c1", "/collect/click?utm_source=Mail&fbclid=x", "https://shop.test/a?utm_source=y", None, teller()
    )
    assert (found.kind, found.consent, found.visitor_id) == ("click", "unknown", None)
    assert (found.hints.source, found.hints.landing, found.hints.click_ids) == ("mail", "shop.test/a", {"fbclid": ""})


# -- conversions -------------------------------------------------------------------------------------------------


def test_a_purchase_is_an_order_and_says_who_its_visitor_is() -> None:
    found, link = conversion(
        {
            "order_id": "o1",
            "value": "49.90",
            "currency": "eur",
            "email": "Ann@X.test",
            "url": "https://shop.test/?gclid=g",
        }
    )
    assert isinstance(found, Order)
    assert isinstance(link, Link)
    assert (found.source, found.shop_id, found.order_id, found.status) == ("web", "shop", "o1", "paid")
    assert (found.gross_micros, found.currency, found.version) == (49_900_000, "EUR", NOW - 1000)
    assert (found.visitor_id, found.hints.click_ids) == ("visitor v1", {"gclid": "g"})
    assert found.customer_id == link.customer_id
    assert "@" not in str(found.customer_id)
    assert (link.source, link.visitor_id, link.at) == ("order", "visitor v1", NOW - 1000)


def test_a_login_links_and_buys_nothing() -> None:
    (link,) = conversion({"event_name": "login", "customer_id": "7"})
    assert isinstance(link, Link)
    assert (link.source, link.visitor_id, link.customer_id) == ("login", "visitor v1", "customer web|shop|7")
    assert conversion({"event_name": "login", "customer_id": "7", "consent": "denied"}) == []
    assert refusal({"event_name": "login"}) == ("missing_field", "email, phone or customer_id")


def test_without_consent_an_order_counts_and_links_nobody() -> None:
    found = conversion({"value": 5, "currency": "EUR", "customer_id": "7", "consent": "denied"})
    (only,) = found
    assert isinstance(only, Order)
    assert (only.visitor_id, only.gross_micros) == (None, 5_000_000)


def test_a_lead_has_no_price() -> None:
    found = order({"event_name": "lead"})
    assert (found.order_id, found.gross_micros, found.currency, found.event_name) == ("e1", 0, "XXX", "lead")


def test_an_order_bears_its_codes_in_one_spelling_each_once() -> None:
    assert order({"codes": ["LENA10", " autumn ", "lena10", ""]}).codes == ("autumn", "lena10")
    assert order({"codes": None}).codes == order({}).codes == ()


def test_the_greatest_version_of_an_order_is_told_by_the_site() -> None:
    paid = {"order_id": "o1", "value": "10", "currency": "EUR"}
    again = order(paid | {"event_id": "e2", "version": NOW - 5, "refunded": "2.50", "status": "cancelled"})
    assert again.version > order(paid).version
    assert (again.refunded_micros, again.status) == (2_500_000, "cancelled")


@pytest.mark.parametrize(
    ("event", "reason", "detail"),
    [
        ({"event_id": None}, "missing_field", "event_id"),
        ({"event_id": "x" * 256}, "invalid_field", "event_id: 1 to 255 characters"),
        ({"event_id": "a\nb"}, "invalid_field", "event_id: control characters"),
        ({"event_id": 7}, "invalid_field", "$.event_id"),
        ({"consent": "yes"}, "invalid_field", "consent"),
        ({"at": "yesterday"}, "invalid_field", "$.at"),
        ({"at": 1.5}, "invalid_field", "$.at"),
        ({"at": 10}, "invalid_time", "at"),
        ({"value": "10"}, "missing_field", "currency"),
        ({"value": "ten", "currency": "EUR"}, "invalid_money", "value: no plain decimal"),
        ({"value": "-1", "currency": "EUR"}, "invalid_money", "value: negative"),
        ({"value": [1], "currency": "EUR"}, "invalid_money", "value: no number"),
        ({"value": True, "currency": "EUR"}, "invalid_money", "value: no number"),
        ({"value": 1e308, "currency": "EUR"}, "invalid_money", "value: no plain decimal"),
        ({"value": "1", "currency": "euro"}, "invalid_money", "currency: three letters"),
        ({"event_name": "<script>"}, "invalid_field", "event_name"),
        ({"status": "lost"}, "invalid_field", "status"),
        ({"version": NOW + 10**7}, "future_time", "version"),
        ({"visitor_id": "a\0b"}, "invalid_text", "visitor_id"),
        ({"codes": "LENA10"}, "invalid_field", "$.codes"),
        ({"codes": [7]}, "invalid_field", "$.codes[0]"),
        ({"codes": ["x" * 256]}, "invalid_field", "codes: 1 to 255 characters"),
        ({"codes": ["a\nb"]}, "invalid_field", "codes: 1 to 255 characters"),
        ({"codes": [f"c{number}" for number in range(21)]}, "invalid_field", "codes: more than 20"),
    ],
)
def test_what_cannot_be_used_is_refused_without_quoting_it(event: dict[str, object], reason: str, detail: str) -> None:
    assert refusal(event) == (reason, detail)


# -- bodies ------------------------------------------------------------------------------------------------------


def opened(body: bytes) -> tuple[str | None, int]:
    key, events = parse.opened(body)
    return key, len(events)


def test_a_body_is_one_event_or_several() -> None:
    assert opened(b'{"write_key": "k", "event_id": "e"}') == ("k", 1)
    assert opened(b'{"write_key": "k", "events": [{"event_id": "e"}, 7]}') == ("k", 2)
    assert opened(b'{"events": []}') == (None, 0)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "unreadable_body"),
        (b"\xff\xfe{}", "unreadable_body"),
        (b"\xef\xbb\xbf{}", "unreadable_body"),
        (b"{} {}", "unreadable_body"),
        (b'{"write_key": NaN}', "unreadable_body"),
        (b"[]", "invalid_field"),
        (b"null", "invalid_field"),
        (b'{"write_key": 7}', "invalid_field"),
        (b'{"events": {}}', "invalid_field"),
        (b'{"events": ' + b"[" * 5 + b"]" * 5 + b"}", "too_deep"),
        (b'{"events": [' + b"1," * 2000 + b"1]}", "too_deep"),
        (json.dumps({"events": [{}] * (MOST_EVENTS + 1)}).encode(), "oversized"),
    ],
)
def test_a_body_that_is_no_list_of_events_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(Unusable) as told:
        parse.opened(body)
    assert told.value.reason == reason
