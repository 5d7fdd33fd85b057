"""What ads cost and claim beside what was bought: figures computed by hand, and what must not be counted twice."""

from datetime import date
from typing import Any

from tests.integration.view_rows import Rows

DAY, NEXT_DAY = date(2026, 9, 20), date(2026, 9, 21)
WHOLE = 10**12
BRAND = {"brand": "acme"}
ACCOUNT = BRAND | {"platform": "meta_ads", "ad_account_id": "a1"}


def spent(rows: Rows, micros: int, day: date = DAY, campaign: str = "c1", ad: str = "ad1", **values: Any) -> None:
    """A day of an ad."""
    row = ACCOUNT | {"level": "ad", "entity_id": ad, "period": f"day:{day}", "day": day, "campaign_id": campaign}
    rows.add_only(
        "ad_facts", **row | {"currency": "EUR", "zone": "UTC", "spend_micros": micros, "as_of": "2026-09-21"} | values
    )


def credited(rows: Rows, units: int, value: int, day: date = DAY, campaign: str = "c1", **values: Any) -> None:
    """What a campaign is credited with, by the day of the touch."""
    row = BRAND | {"model": "linear", "basis": "touch", "channel": "paid_social:facebook", "campaign": campaign}
    row |= {"currency": "EUR"} | values
    rows.add_only("attribution_by_campaign_day", **row, day=day, units=units, value_micros=value)
    del row["campaign"]
    held = rows.read("attribution_by_channel_day", "day", where=f"channel = '{row['channel']}' AND day = '{day}'")
    if not held:
        rows.add_only("attribution_by_channel_day", **row, day=day, units=units, value_micros=value)


ROAS = "attributed_roas_by_campaign_day"


def test_spend_stands_beside_what_the_campaign_is_credited_with_over_all_channels(rows: Rows) -> None:
    spent(rows, 15_000_000)
    spent(rows, 5_000_000, ad="ad2")
    credited(rows, 2 * WHOLE, 40_000_000)
    credited(rows, WHOLE // 2, 10_000_000, channel="paid_social:instagram")
    credited(rows, 9 * WHOLE, 90_000_000, basis="conversion")
    found = rows.read(ROAS, "campaign_id", "model", "spend_micros", "purchases", "value_micros", "roas")
    assert found == [("c1", "linear", 20_000_000, 2.5, 50_000_000, 2.5)]


def test_a_campaign_that_nobody_bought_through_has_no_return_and_one_without_spend_no_ratio(rows: Rows) -> None:
    spent(rows, 7_000_000, campaign="c2")
    spent(rows, 0, ad="ad2")
    credited(rows, WHOLE, 30_000_000)
    found = rows.read(ROAS, "campaign_id", "spend_micros", "units", "roas")
    assert found == [("c1", 0, WHOLE, None), ("c2", 7_000_000, 0, 0.0)]


def test_what_is_credited_on_another_day_or_in_another_currency_is_set_against_no_spend(rows: Rows) -> None:
    spent(rows, 10)
    credited(rows, WHOLE, 30, day=NEXT_DAY)
    credited(rows, WHOLE, 40, currency="USD")
    credited(rows, WHOLE, 50, campaign="newsletter")
    found = rows.read(ROAS, "day", "currency", "spend_micros", "value_micros", "roas")
    assert found == [(DAY, "EUR", 10, 0, 0.0), (DAY, "USD", None, 40, None), (NEXT_DAY, "EUR", None, 30, None)]


def test_a_campaign_id_of_two_ad_accounts_is_credited_once(rows: Rows) -> None:
    spent(rows, 10)
    spent(rows, 10, ad_account_id="a2")
    credited(rows, WHOLE, 30)
    assert rows.read(ROAS, "ad_account_id", "value_micros") == [("a1", 30), ("a2", 0)]


def claimed(rows: Rows, count: int, window: str = "default", ad: str = "ad1", **values: Any) -> None:
    """Purchases that the platform claims for a day of an ad; what it spent must be there."""
    row = ACCOUNT | {"level": "ad", "entity_id": ad, "period": f"day:{DAY}", "day": DAY, "family": "purchase"}
    rows.add_only("ad_results", **row | {"attribution_window": window, "count_micros": count * 1_000_000} | values)


def by_channel(rows: Rows, units: int, value: int, basis: str = "touch", **values: Any) -> None:
    row = BRAND | {"model": "linear", "basis": basis, "channel": "paid_social:facebook", "currency": "EUR", "day": DAY}
    rows.add_only("attribution_by_channel_day", **row | {"units": units, "value_micros": value} | values)


def bought(rows: Rows, order: str, *path: str, value: int = 100, person: str | None = None, **values: Any) -> None:
    """A purchase, and a touch an hour of each channel of its path."""
    key = BRAND | {"source": "shopify", "shop_id": "s", "order_id": order}
    at = {"ordered_at": f"{DAY}T23:00Z", "currency": "EUR"}
    row = {"day": DAY, "status": "paid", "event_name": "purchase", "net_micros": value, "customer_id": person}
    rows.add_only("conversions", **key | at | row | values)
    for hour, channel in enumerate(path):
        touch = {"touch_id": f"{order}-{hour}", "channel": channel, "touched_at": f"{DAY}T{hour:02}:00Z"}
        for model in ("linear", "last_touch")[: 1 + (hour == len(path) - 1)]:
            rows.add_only("attribution_credits", **key, **at, **touch, model=model, units=WHOLE // len(path))


CLAIMED = "claimed_vs_attributed"


def test_what_a_platform_claims_stands_beside_what_its_channels_are_credited_with(rows: Rows) -> None:
    for ad, value in (("ad1", 90_000_000), ("ad2", None)):
        spent(rows, 10, ad=ad)
        claimed(rows, 3, ad=ad, value_micros=value)
    claimed(rows, 2, "1d_click")
    claimed(rows, 50, family="lead")
    by_channel(rows, 2 * WHOLE, 20_000_000)
    by_channel(rows, 2 * WHOLE, 25_000_000, channel="paid_social:instagram")
    by_channel(rows, 7 * WHOLE, 70_000_000, channel="organic_social:facebook")
    columns = ("attribution_window", "claimed_purchases", "claimed_value_micros", "purchases", "value_micros")
    assert rows.read(CLAIMED, "platform", *columns, "purchases_ratio", "value_ratio") == [
        ("meta_ads", "1d_click", 2.0, None, 4.0, 45_000_000, 0.5, None),
        ("meta_ads", "default", 6.0, 90_000_000, 4.0, 45_000_000, 1.5, 2.0),
    ]


def test_a_platform_that_claims_nothing_is_unknown_and_a_claim_without_purchases_has_no_ratio(rows: Rows) -> None:
    spent(rows, 10)
    claimed(rows, 3)
    by_channel(rows, WHOLE, 5, channel="paid_search")
    columns = ("platform", "attribution_window", "claimed_purchases", "purchases", "purchases_ratio")
    assert rows.read(CLAIMED, *columns) == [
        ("meta_ads", "default", 3.0, 0.0, None),
        ("paid_search", None, None, 1.0, None),
    ]


def test_a_purchase_that_two_platforms_led_to_may_be_claimed_by_both(rows: Rows) -> None:
    by_channel(rows, WHOLE, 5, "conversion")
    by_channel(rows, WHOLE, 5)
    by_channel(rows, WHOLE, 5, "conversion", channel="paid_social:tiktok")
    bought(rows, "1", "paid_social:facebook", "email", "paid_social:tiktok")
    bought(rows, "2", "paid_social:facebook", "paid_social:instagram")
    bought(rows, "3", "paid_social:tiktok", "organic_search")
    assert rows.read(CLAIMED, "platform", "basis", "eligible_overlap") == [
        ("meta_ads", "conversion", 1),
        ("meta_ads", "touch", None),
        ("tiktok", "conversion", 1),
    ]


def arrived(rows: Rows, touches: int, campaign: str, day: date = DAY) -> None:
    rows.add_only("touches_by_campaign_day", **BRAND, site_id="s", campaign_id=campaign, day=day, touches=touches)


TAGGING = "tagging_health_by_day"


def test_clicks_that_are_paid_for_and_of_which_nobody_arrives_are_seen(rows: Rows) -> None:
    spent(rows, 10, link_clicks=30, campaign="seen")
    spent(rows, 10, link_clicks=60, campaign="unseen", ad="ad2")
    spent(rows, 10, link_clicks=10, campaign="next day", ad="ad3")
    spent(rows, 0, link_clicks=5, campaign="free", ad="ad4")
    arrived(rows, 20, "seen")
    arrived(rows, 2, "next day", NEXT_DAY)
    arrived(rows, 9, "unseen", date(2026, 9, 25))
    columns = ("campaigns", "unlanded_campaigns", "link_clicks", "unlanded_clicks", "unlanded_share")
    assert rows.read(TAGGING, *columns, where=f"day = '{DAY}'") == [(3, 1, 100, 60, 0.6)]


def test_arrivals_of_campaigns_that_no_ad_account_has_are_seen(rows: Rows) -> None:
    rows.add_only("ad_entities", **ACCOUNT, kind="campaign", entity_id="c1", as_of="2026-09-01")
    rows.add_only("ad_entities", **ACCOUNT, kind="adset", entity_id="c2", as_of="2026-09-01")
    arrived(rows, 6, "c1")
    arrived(rows, 2, "c2")
    arrived(rows, 9, "")
    found = rows.read(TAGGING, "named_touches", "unknown_touches", "unknown_share", "unlanded_share")
    assert found == [(8, 2, 0.25, None)]


def test_purchases_of_which_nobody_knows_how_they_came_about_are_seen(rows: Rows) -> None:
    bought(rows, "1", "email")
    bought(rows, "2")
    bought(rows, "3", event_name="newsletter")
    bought(rows, "4", status="cancelled")
    found = rows.read(TAGGING, "purchases", "uncredited_purchases", "uncredited_share", "unknown_share")
    assert found == [(2, 1, 0.5, None)]


ASSISTS = "organic_assists"


def test_an_organic_touch_helps_if_it_comes_before_a_paid_one(rows: Rows) -> None:
    bought(rows, "1", "organic_social:facebook", "paid_search", value=100)
    bought(rows, "2", "paid_search", "organic_search", "paid_search", value=20)
    bought(rows, "3", "paid_search", "organic_search", value=3)
    bought(rows, "4", "email", "paid_social:facebook", value=4000)
    columns = ("purchases", "paid_purchases", "paid_value_micros", "assisted_purchases", "assisted_value_micros")
    assert rows.read(ASSISTS, *columns, "assisted_share") == [(4, 4, 4123, 2, 120, 0.5)]


def test_the_assist_ratio_sets_help_against_last_touches(rows: Rows) -> None:
    bought(rows, "1", "organic_search", "email")
    bought(rows, "2", "organic_search", "direct")
    bought(rows, "3", "direct", "organic_social:bluesky")
    bought(rows, "4", "organic_search", "direct", currency="USD")
    found = rows.read(ASSISTS, "currency", "organic_purchases", "last_organic_purchases", "assist_ratio")
    assert found == [("EUR", 3, 1, 3.0), ("USD", 1, 0, None)]
    assert rows.read(ASSISTS, "paid_purchases", "assisted_share") == [(0, None), (0, None)]


def test_of_a_buyer_without_a_touch_nobody_can_say_what_helped(rows: Rows) -> None:
    bought(rows, "1", "email", person="ann")
    bought(rows, "2", person="ann")
    bought(rows, "3", person="bob")
    bought(rows, "4")
    assert rows.read(ASSISTS, "purchases", "persons", "linked_persons") == [(4, 2, 1)]


SPLIT = "post_organic_paid_split"
POST = {"post_platform": "facebook", "post_account_id": "1", "post_id": "p"}


def promoted(rows: Rows, ad: str, reach: int | None = None, *, is_known: bool = True, **figures: int) -> None:
    """An ad of a post, and what it did in its whole run."""
    rows.add_only("ad_entities", **ACCOUNT, **POST, kind="ad", entity_id=ad, as_of="2026-09-01")
    if is_known:
        run = {"level": "ad", "entity_id": ad, "period": "lifetime", "currency": "EUR", "zone": "UTC"}
        rows.add_only("ad_facts", **ACCOUNT, **run, reach=reach, as_of="2026-09-21", **figures)


def test_the_reach_that_was_paid_for_lies_between_the_greatest_and_the_sum_of_the_ads(rows: Rows) -> None:
    rows.add_account()
    rows.add_post("p", "2026-09-01T00:00Z", 100, reach=1000)
    promoted(rows, "ad1", 300, reactions=20, comments=5, saves=50)
    promoted(rows, "ad2", 400, shares=5)
    promoted(rows, "ad3", is_known=False)
    spent(rows, 10, ad="ad1", reach=999, reactions=999)
    found = rows.read(SPLIT, "ads", "known_ads", "paid_reach_least", "paid_reach_most")
    assert found == [(3, 2, 400, 700)]
    assert rows.read(SPLIT, "total_reach", "organic_reach_least", "organic_reach_most") == [(1000, 300, 600)]
    found = rows.read(SPLIT, "total_engagements", "paid_engagements", "organic_engagements", "paid_share")
    assert found == [(100, 30, 70, 0.3)]


def test_no_part_of_a_post_is_negative_whenever_its_figures_were_read(rows: Rows) -> None:
    rows.add_account()
    rows.add_post("p", "2026-09-01T00:00Z", 10, reach=350)
    promoted(rows, "ad1", 300, reactions=12)
    promoted(rows, "ad2", 400)
    found = rows.read(SPLIT, "paid_reach_least", "paid_reach_most", "organic_reach_least", "organic_engagements")
    assert found == [(350, 350, 0, 0)]


def test_a_post_or_an_ad_of_which_nothing_is_known_is_unknown_and_not_nothing(rows: Rows) -> None:
    promoted(rows, "ad1", 300, reactions=12)
    columns = ("paid_reach_most", "organic_reach_most", "paid_engagements", "organic_engagements", "paid_share")
    assert rows.read(SPLIT, *columns) == [(300, None, 12, None, None)]
    rows.connection.execute("DELETE FROM analytics.ad_facts")
    rows.add_account()
    rows.add_post("p", "2026-09-01T00:00Z", 10, reach=350)
    assert rows.read(SPLIT, "known_ads", *columns) == [(0, None, None, None, None, None)]
