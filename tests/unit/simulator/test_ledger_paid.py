"""The paid leg's truth, by hand: beliefs about ads, orders net of what was given back, touches, who is who."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.ledger.paid_attribution import removal_effects
from ingest.simulator.ledger.paid_models import MODELS, Touch, shared
from ingest.simulator.ledger.paid_notes import PaidNotes

NOON = 1_789_992_000_000
"""2026-09-21 12:00:00 UTC."""
HINTS = {"utm_source": "facebook", "click_ids": ["fbclid"]}
Row = dict[str, Any]


def at(seconds: int) -> dt.datetime:
    return dt.datetime(2026, 9, 21, 12, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)


class Market:
    """Each method notes that something was offered."""

    def __init__(self, directory: Path) -> None:
        self._notes = PaidNotes(directory)
        self._directory = directory
        self._notes.configured("shopify", "s", brand="b", name="n", zone="Asia/Tokyo", currency="EUR", connected_at=0)
        self._notes.site("site", "b", "Asia/Tokyo")

    def ad(self, as_of: int, spend: int, **other: Any) -> None:
        columns: Row = {"brand": "b", "platform": "meta_ads", "account": "1", "level": "ad", "entity": "a"}
        columns |= {"period": "day:2026-09-20", "breakdown": "", "as_of": NOON + as_of, "spend_micros": spend}
        columns |= dict.fromkeys(("impressions", "clicks", "link_clicks", "reactions", "comments", "shares"), 0)
        columns |= {"saves": 0, "video_views": 0, "currency": "EUR", "zone": "UTC"}
        self._notes.told("ad", columns | {"is_provisional": True, "results": []} | other)

    def order(self, version: int, gross: int = 100, **other: Any) -> None:
        columns: Row = {"brand": "b", "source": "shopify", "shop": "s", "order": "1", "version": version}
        columns |= {"status": "paid", "ordered_at": NOON, "currency": "EUR", "gross": gross, "refunded": 0}
        columns |= {"event": "purchase", "customer": None, "visitor": None, "is_new": None, "hints": {}, "codes": []}
        self._notes.told("order", columns | {"is_deleted": False} | other)

    def refund(self, refund: str, version: int, amount: int, **other: Any) -> None:
        columns: Row = {"brand": "b", "source": "shopify", "shop": "s", "order": "1", "refund": refund}
        columns |= {"version": version, "currency": "EUR", "amount": amount, "has_failed": False, "is_total": False}
        self._notes.told("refund", columns | other)

    def touch(self, event: str, seconds: int, **other: Any) -> None:
        columns: Row = {"brand": "b", "site": "site", "event": event, "kind": "visit", "at": NOON + 1000 * seconds}
        columns |= {"source": "", "medium": "", "campaign": "", "campaign_id": "", "channel": "direct", "called": ""}
        self._notes.told("touch", columns | {"visitor": "v", "consent": "granted", "bot": False} | other)

    def link(self, named: str, seconds: int, customer: str, visitor: str = "v") -> None:
        columns: Row = {"brand": "b", "named": ["login", named], "visitor": visitor, "at": NOON + 1000 * seconds}
        self._notes.told("link", columns | {"customer": ["own", "shopify", "s", customer], "source": "login"})

    def tables(self) -> dict[str, dict[tuple[Any, ...], Row]]:
        self._notes.flush()
        return PaidLedger.read(self._directory).evaluate(now=NOON)

    def conversion(self) -> Row:
        (row,) = self.tables()["conversions"].values()
        return row


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return Market(tmp_path)


def test_a_reading_that_says_the_same_is_no_belief_of_its_own(market: Market) -> None:
    for as_of, spend in ((30, 5), (10, 4), (20, 4), (40, 4), (40, 3)):
        market.ad(as_of, spend)
    tables = market.tables()
    history = sorted((key[-1], row["spend_micros"]) for key, row in tables["ad_fact_history"].items())
    assert history == [(at(0) + dt.timedelta(milliseconds=ms), spend) for ms, spend in ((10, 4), (30, 5), (40, 4))]
    (now,) = tables["ad_facts"].values()
    assert (now["spend_micros"], now["as_of"]) == (4, at(0) + dt.timedelta(milliseconds=40))


def test_results_are_those_of_the_last_reading_though_it_is_no_belief(market: Market) -> None:
    market.ad(10, 4, results=[["purchase", "7d_click", 1_000_000, 5]])
    market.ad(20, 4, results=[["purchase", "7d_click", 2_000_000, 9]])
    tables = market.tables()
    assert len(tables["ad_fact_history"]) == 1
    assert [row["count_micros"] for row in tables["ad_results"].values()] == [2_000_000]


def test_the_greatest_version_decides_an_order_whenever_it_came(market: Market) -> None:
    market.order(7, 300, hints=HINTS)
    market.order(9, 250)
    market.order(8, 900, visitor="v")
    row = market.conversion()
    assert (row["gross_micros"], row["order_version"], row["visitor_id"]) == (250, 9, "v")
    assert (row["utm_source"], row["click_ids"]) == ("facebook", ["fbclid"])
    assert row["day"] == dt.date(2026, 9, 21)


def test_refunds_are_summed_or_told_as_a_sum_and_may_fail(market: Market) -> None:
    market.refund("a", 1, 10)
    market.refund("a", 2, 20)
    market.refund("b", 1, 30)
    market.order(1, 100)
    assert market.conversion()["refunded_micros"] == 50
    market.refund("ch", 3, 70, is_total=True)
    assert market.conversion()["net_micros"] == 30
    market.refund("b", 4, 30, has_failed=True)
    row = market.conversion()
    assert (row["refunded_micros"], row["refunds"], row["net_micros"]) == (40, 1, 60)


def test_what_is_deleted_is_cancelled_and_without_an_order_nothing(market: Market) -> None:
    market.order(2**60, is_deleted=True)
    assert market.tables()["conversions"] == {}
    market.order(5)
    assert (market.conversion()["status"], market.conversion()["net_micros"]) == ("cancelled", 0)


def test_a_touch_that_comes_again_is_one_and_a_bot_is_in_no_other_column(market: Market) -> None:
    market.touch("1", 0, kind="click")
    market.touch("1", 5, kind="click")
    market.touch("2", 0, consent="denied", visitor=None)
    market.touch("3", 0, bot=True, kind="click")
    (row,) = market.tables()["touches_by_campaign_day"].values()
    assert row == {"touches": 2, "clicks": 1, "views": 0, "without_consent": 1, "bots": 1}


def test_credits_follow_the_person_through_their_links(market: Market) -> None:
    market.touch("1", -50, channel="email")
    market.touch("2", -40, channel="email")
    market.touch("3", -30)
    market.touch("4", -20, visitor="other", channel="referral")
    market.link("1", -35, "7")
    market.link("2", 100, "8")
    market.order(1, 1_000_000, customer=["own", "shopify", "s", "8"])
    tables = market.tables()
    credits = tables["attribution_credits"]
    assert {row["channel"] for row in credits.values()} == {"direct"}
    assert {key[-1]: row["units"] for key, row in credits.items()} == dict.fromkeys(MODELS, 10**12)
    assert {key[-1]: row["purchases"] for key, row in tables["channel_paths"].items()} == {
        "direct": 1,
        "email": 0,
        "referral": 0,
    }


def test_every_model_shares_the_whole_of_a_purchase() -> None:
    week = 7 * 86_400_000
    path = [Touch(0, "a", "email"), Touch(week, "b", "paid_search"), Touch(2 * week, "c", "email")]
    names = [touch.id for touch in path]
    units = {model: shared(10**12, weigh(path), names) for model, weigh in MODELS.items()}
    assert {sum(parts) for parts in units.values()} == {10**12}
    assert [round(part / 1e12, 6) for part in units["time_decay"]] == [0.142857, 0.285714, 0.571429]
    assert units["position"] == [400_000_000_000, 200_000_000_000, 400_000_000_000]
    assert units["shapley"] == [250_000_000_000, 500_000_000_000, 250_000_000_000]


def test_the_worked_example_of_removal_effects() -> None:
    """Paths g (2 conversions, 1 lost), m (1), g > m (1)."""
    day = dt.date(2026, 9, 21)
    steps = {
        ("(start)", "g"): 4,
        ("(start)", "m"): 1,
        ("g", "(conversion)"): 2,
        ("g", "(null)"): 1,
        ("g", "m"): 1,
        ("m", "(conversion)"): 2,
    }
    rows = removal_effects({("b", "all", day, *step): number for step, number in steps.items()}, day)
    found = {key[-1]: (row["removal_effect"], row["credited"]) for key, row in rows.items()}
    assert found["g"] == pytest.approx((0.75, 2.4), rel=1e-12)
    assert found["m"] == pytest.approx((0.5, 1.6), rel=1e-12)
