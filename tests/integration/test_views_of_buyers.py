"""Whose codes sell, who had engaged before buying, what is spent on people who come anyway: figures made by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.view_rows import Rows

DAY = date(2026, 9, 20)
WHOLE = 10**12
REVENUE, ENGAGED, LOYAL = "ambassador_revenue", "engaged_purchases_by_day", "paid_on_loyal_by_day"
PURCHASES = ("purchases", "linked_purchases", "judged_purchases", "engaged_purchases")


@pytest.fixture
def rows(rows: Rows) -> Rows:
    """The brand has one account on Facebook."""
    rows.add_account()
    return rows


def bought(
    rows: Rows, order: str, *codes: str, by: str | None = None, value: int = 100, campaign: str = "", **values: Any
) -> None:
    """A purchase; `campaign`: that of the one touch before it, of which `channel` may be said, too."""
    key = {"brand": values.pop("brand", "brand"), "source": "shopify", "shop_id": "s", "order_id": order}
    channel = values.pop("channel", "unknown" if campaign else None)
    row = {"ordered_at": f"{DAY}T12:00Z", "day": DAY, "currency": "EUR", "status": "paid", "event_name": "purchase"}
    rows.add_only(
        "conversions",
        **key,
        **row | {"net_micros": value, "customer_id": by, "discount_codes": sorted(codes)} | values,
    )
    if channel:
        touch = {"touch_id": "t", "channel": channel, "campaign": campaign, "touched_at": f"{DAY}T11:00Z"}
        at = {"ordered_at": f"{DAY}T12:00Z", "currency": "EUR", "units": WHOLE}
        rows.add_only("attribution_credits", **key, **touch, **at, model="linear")


def given(rows: Rows, code: str, person: str, kind: str = "code", brand: str = "brand", *, own: bool = False) -> None:
    rows.connection.execute(
        "INSERT INTO analytics.ambassador_codes (brand, kind, code, platform, actor_id, is_personal, source)"
        " VALUES (%s, %s, %s, 'facebook', %s, %s, 'list')",
        [brand, kind, code, person, own],
    )


def known(rows: Rows, person: str, customer: str, platform: str = "facebook") -> None:
    rows.connection.execute(
        "INSERT INTO analytics.imported_buyers (brand, platform, actor_id, customer_id, source)"
        " VALUES ('brand', %s, %s, %s, 'list')",
        [platform, person, customer],
    )


def member(rows: Rows, person: str, last: date = DAY, ago: tuple[int, ...] = (0,), **values: Any) -> None:
    """A member who was active so many days before they were last seen."""
    bits = sum(1 << back for back in ago)
    days = {"first_seen_day": last - timedelta(days=max(ago)), "last_seen_day": last}
    rows.add(
        "community_members",
        actor_id=person,
        recent_days=bits - (1 << 64) if bits >> 63 else bits,
        **days,
        **{"level": 1} | values,
    )


def test_what_is_bought_with_a_code_or_by_a_link_is_its_persons_each_purchase_once(rows: Rows) -> None:
    given(rows, "lena10", "lena")
    given(rows, "lena20", "lena")
    given(rows, "with lena", "lena", "link")
    given(rows, "lena10", "somebody", brand="other")
    bought(rows, "1", "lena10", "lena20", by="ann", value=10)
    bought(rows, "2", "lena10", by="ann", value=200, campaign="with lena")
    bought(rows, "3", value=3000, campaign="with lena")
    bought(rows, "4", "welcome", value=40_000, campaign="spring")
    bought(rows, "5", "lena10", by="bob", value=9, currency="USD")
    bought(rows, "6", "lena10", status="cancelled")
    bought(rows, "7", "lena10", event_name="newsletter")
    columns = ("currency", "purchases", "by_code", "by_link", "net_micros", "customers")
    assert rows.read(REVENUE, "actor_id", *columns) == [
        ("lena", "EUR", 3, 2, 2, 3210, 1),
        ("lena", "USD", 1, 1, 0, 9, 1),
    ]


def test_a_code_is_no_link_and_a_link_no_code(rows: Rows) -> None:
    given(rows, "lena", "lena")
    given(rows, "mo", "mo", "link")
    bought(rows, "1", "mo", campaign="lena")
    assert rows.read(REVENUE, "actor_id") == []


def test_one_purchase_may_be_two_ambassadors(rows: Rows) -> None:
    given(rows, "lena10", "lena")
    given(rows, "with mo", "mo", "link")
    bought(rows, "1", "lena10", value=70, campaign="with mo")
    assert rows.read(REVENUE, "actor_id", "purchases", "net_micros") == [("lena", 1, 70), ("mo", 1, 70)]


def test_what_they_buy_with_their_own_code_is_not_what_they_sell_and_says_who_they_are(rows: Rows) -> None:
    given(rows, "lena10", "lena")
    given(rows, "lena-own", "lena", own=True)
    given(rows, "mo5", "mo")
    given(rows, "mo's own", "mo", "link", own=True)
    bought(rows, "1", "lena-own", "lena10", "mo5", by="c-lena", value=10)
    bought(rows, "2", by="c-mo", campaign="mo's own")
    bought(rows, "3", "lena-own")
    bought(rows, "4", "lena-own", by="c-other", status="pending")
    assert rows.read(REVENUE, "actor_id", "net_micros") == [("mo", 10)]
    assert rows.read("known_buyers", "platform", "actor_id", "customer_id", "source") == [
        ("facebook", "lena", "c-lena", "personal_code"),
        ("facebook", "mo", "c-mo", "personal_code"),
    ]


def test_a_buyer_may_be_known_in_two_ways_and_is_linked_once(rows: Rows) -> None:
    given(rows, "own", "lena", own=True)
    known(rows, "lena", "c-lena")
    bought(rows, "1", "own", by="c-lena")
    assert rows.read("known_buyers", "actor_id", "source") == [("lena", "import"), ("lena", "personal_code")]
    assert rows.read(ENGAGED, *PURCHASES, "persons", "linked_persons") == [(1, 1, 1, 0, 1, 1)]


def test_of_how_many_ambassadors_it_is_known_what_they_sell(rows: Rows) -> None:
    rows.add_account(account_id="2")
    member(rows, "lena", level=7, is_ambassador=True)
    member(rows, "lena", level=9, account_id="2")
    for person in ("mo", "ada"):
        member(rows, person, level=8, is_ambassador=True)
    member(rows, "tim", level=3)
    given(rows, "lena10", "lena")
    given(rows, "ada-own", "ada", own=True)
    given(rows, "tim5", "tim")
    given(rows, "guest", "nobody")
    for number, code in enumerate(("lena10", "tim5", "guest")):
        bought(rows, str(number), code)
    assert rows.read(REVENUE, "actor_id", "level", "is_ambassador", "persons", "linked_persons") == [
        ("lena", 9, True, 3, 1),
        ("nobody", None, None, 3, 1),
        ("tim", 3, False, 3, 1),
    ]


@pytest.mark.parametrize(
    ("last", "ago", "judgement"),
    [
        (-1, (0,), "engaged"),
        (-60, (0,), "engaged"),
        (-61, (0,), "not"),
        (0, (0,), "not"),
        (0, (0, 1), "engaged"),
        (0, (0, 60), "engaged"),
        (0, (0, 61), "not"),
        (3, (0, 63), "engaged"),
        (3, (0, 3), "not"),
        (3, (0, 2), "not"),
        (4, (0, 63), "engaged"),
        (4, (0, 4), "unknown"),
        (62, (0, 63), "engaged"),
        (63, (0, 63), "unknown"),
        (400, (0, 63), "unknown"),
        (-400, (0, 63), "not"),
        (-59, (1,), "engaged"),
        (-60, (1,), "not"),
    ],
)
def test_a_buyer_has_engaged_if_they_were_active_on_one_of_the_60_days_before(
    rows: Rows, last: int, ago: tuple[int, ...], judgement: str
) -> None:
    """`last`: days from the order to the day when they were last seen; what is kept of them reaches back 63 days."""
    known(rows, "lena", "c-lena")
    member(rows, "lena", DAY + timedelta(days=last), ago)
    bought(rows, "1", by="c-lena")
    expected = {"engaged": (1, 1, 1, 1), "not": (1, 1, 1, 0), "unknown": (1, 1, 0, 0)}
    assert rows.read(ENGAGED, *PURCHASES) == [expected[judgement]]


def test_a_buyer_is_judged_by_all_accounts_and_people_that_they_are(rows: Rows) -> None:
    rows.add_account(account_id="2")
    known(rows, "lena", "c-lena")
    known(rows, "lena on bluesky", "c-lena", "bluesky")
    member(rows, "lena", DAY + timedelta(days=30), (0,))
    bought(rows, "1", by="c-lena")
    assert rows.read(ENGAGED, *PURCHASES) == [(1, 1, 0, 0)]
    member(rows, "lena", DAY - timedelta(days=5), account_id="2")
    assert rows.read(ENGAGED, *PURCHASES) == [(1, 1, 1, 1)]


def test_a_member_of_an_account_that_is_not_the_brands_has_not_engaged_with_it(rows: Rows) -> None:
    known(rows, "lena", "c-lena")
    member(rows, "lena", DAY - timedelta(days=5), account_id="9")
    bought(rows, "1", by="c-lena")
    assert rows.read(ENGAGED, *PURCHASES, "engaged_share") == [(1, 1, 1, 0, 0.0)]


def test_without_a_known_buyer_nothing_is_known_and_shares_are_null(rows: Rows) -> None:
    member(rows, "lena", level=9)
    bought(rows, "1", by="c-ann", channel="paid_search")
    bought(rows, "2")
    shares = ("engaged_share", "paid_engaged_share", "persons", "linked_persons")
    assert rows.read(ENGAGED, *PURCHASES, *shares) == [(2, 0, 0, 0, None, None, 1, 0)]
    columns = ("paid_purchases", "linked_paid_purchases", "loyal_share", "spend_on_loyal_micros")
    assert rows.read(LOYAL, *columns, "persons", "linked_persons") == [(1, 0, None, None, 1, 0)]


def test_of_purchases_that_ads_led_to_the_same_is_told(rows: Rows) -> None:
    for person, last in (("lena", 0), ("mo", 40), ("ada", -1)):
        known(rows, person, f"c-{person}")
        member(rows, person, DAY + timedelta(days=last))
    bought(rows, "1", by="c-lena", channel="paid_social:facebook")
    bought(rows, "2", by="c-mo", channel="paid_search")
    bought(rows, "3", by="c-ada", channel="paid_search")
    bought(rows, "4", by="c-ada", channel="email")
    bought(rows, "5", channel="paid_search")
    paid = ("paid_purchases", "paid_judged_purchases", "paid_engaged_purchases", "paid_engaged_share")
    assert rows.read(ENGAGED, *paid, "engaged_share") == [(4, 2, 1, 0.5, 2 / 3)]


def spent(rows: Rows, micros: int, day: date = DAY) -> None:
    row = {"brand": "brand", "platform": "meta_ads", "ad_account_id": "a1", "level": "ad", "entity_id": "ad1"}
    told = {"campaign_id": "c1", "currency": "EUR", "zone": "UTC", "as_of": DAY}
    rows.add_only("ad_facts", **row, **told, period=f"day:{day}", day=day, spend_micros=micros)


def test_what_is_spent_on_the_loyal_is_taken_from_those_who_are_known(rows: Rows) -> None:
    spent(rows, 1_000)
    for person, level in (("lena", 7), ("mo", 6), ("ada", 12)):
        known(rows, person, f"c-{person}")
        member(rows, person, level=level)
    known(rows, "guest", "c-guest")
    for number, (customer, value) in enumerate((("lena", 10), ("mo", 200), ("lena", 3000), ("guest", 7), ("ann", 1))):
        bought(rows, str(number), by=f"c-{customer}", value=value, channel="paid_search")
    bought(rows, "by itself", by="c-ada", channel="direct")
    counts = ("paid_purchases", "linked_paid_purchases", "loyal_paid_purchases", "loyal_share")
    money = ("paid_value_micros", "loyal_paid_value_micros", "spend_micros", "spend_on_loyal_micros")
    assert rows.read(LOYAL, *counts) == [(5, 4, 2, 0.5)]
    assert rows.read(LOYAL, *money, "persons", "linked_persons") == [(3218, 3010, 1000, 500, 4, 3)]


def test_money_spent_on_the_loyal_is_rounded_and_unknown_without_spend_or_buyers(rows: Rows) -> None:
    spent(rows, 5, DAY - timedelta(days=1))
    spent(rows, 1_001)
    known(rows, "lena", "c-lena")
    known(rows, "mo", "c-mo")
    member(rows, "lena", level=7)
    for number, customer in enumerate(("c-lena", "c-mo")):
        bought(rows, str(number), by=customer, channel="paid_search")
        bought(rows, f"{number}-later", by=customer, channel="paid_search", day=DAY + timedelta(days=1))
    bought(rows, "unpaid for", day=DAY + timedelta(days=2))
    assert rows.read(LOYAL, "day", "paid_purchases", "spend_micros", "spend_on_loyal_micros") == [
        (DAY - timedelta(days=1), 0, 5, None),
        (DAY, 2, 1_001, 501),
        (DAY + timedelta(days=1), 2, None, None),
    ]
