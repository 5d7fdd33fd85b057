"""The Marketing API as it is documented: every example a file, every file what it must become."""

from pathlib import Path

import pytest

from contracts.paid import AdFact, AdResult, Level
from ingest.meta.listing import page
from ingest.platforms import Answer
from ingest.platforms.meta_ads import entities, facts
from ingest.platforms.meta_ads.errors import failure
from ingest.platforms.meta_ads.facts import Asked
from ingest.platforms.meta_ads.usage import usage
from tests.unit.ingest.ads import AS_OF, TODAY, account, ad_entities, ad_facts, receipt

FIXTURES = Path(__file__).parents[1] / "fixtures" / "meta_ads"
ERRORS = {
    "error_calls": (400, "wait", "17"),
    "error_insights_limit": (400, "wait", "80000"),
    "error_management_limit": (400, "wait", "80004"),
    "error_volume": (400, "wait", "613"),
    "error_insights_throttle": (400, "wait", "4"),
    "error_removed_window": (400, "refuse", "100"),
    "error_token": (400, "reauthorise", "190"),
    "error_permission": (403, "forbidden", "200"),
    "error_timeout": (500, "smaller", "2"),
    "error_too_much": (400, "smaller", "100"),
    "error_reduce": (500, "smaller", "1"),
    "error_unknown": (500, "retry", "1"),
}


def wire(name: str) -> Answer:
    return Answer((FIXTURES / f"{name}.json").read_bytes(), AS_OF, receipt())


def insights(name: str, level: Level = "ad", *, is_lifetime: bool = False) -> list[AdFact]:
    asked = Asked(account(), level, TODAY, is_lifetime)
    found = list(facts.of_page(asked, page(wire(name)), wire(name)))
    assert len(ad_facts(found)) == len(found)
    return ad_facts(found)


@pytest.mark.parametrize("name", ERRORS)
def test_a_documented_error_is_known_whatever_its_status(name: str) -> None:
    status, action, code = ERRORS[name]
    for answered_with in (status, 200):
        found = failure(answered_with, wire(name).body)
        assert found is not None
        assert (found.action, found.code) == (action, code)


def test_every_error_among_the_fixtures_is_judged_and_everything_else_is_none() -> None:
    assert {path.stem for path in FIXTURES.glob("error_*.json")} == set(ERRORS)
    for path in FIXTURES.glob("[!e]*.json"):
        assert failure(200, path.read_bytes()) is None


def test_a_day_of_an_ad_is_read_exactly() -> None:
    (fact,) = insights("insights_of_ads")
    assert (fact.brand, fact.account_id, fact.level, fact.entity_id) == ("acme", "900", "ad", "a1")
    assert (fact.campaign_id, fact.adset_id, fact.ad_id) == ("c1", "s1", "a1")
    assert (fact.window, fact.breakdown, fact.currency, fact.as_of) == ("day:2026-03-11", "", "EUR", AS_OF)
    assert (fact.spend_micros, fact.impressions, fact.reach) == (123_450_000, 10_000, 7_500)
    assert (fact.clicks, fact.link_clicks) == (250, 180)
    assert (fact.reactions, fact.comments, fact.shares, fact.saves, fact.video_views) == (31, 4, 2, 0, 0)
    assert (fact.attribution_setting, fact.provisional) == ("7d_click_1d_view", False)


def test_windows_stand_beside_each_other() -> None:
    (fact,) = insights("insights_of_ads")
    assert fact.results == (
        AdResult("purchase", "default", 12_000_000, 480_500_000),
        AdResult("purchase", "1d_view", 3_000_000),
        AdResult("purchase", "1d_click", 9_000_000),
        AdResult("purchase", "7d_click", 12_000_000, 480_500_000),
        AdResult("purchase", "28d_click", 14_000_000),
    )


def test_of_types_that_tell_the_same_one_is_taken() -> None:
    (fact,) = insights("insights_of_ads_with_repeated_types")
    assert fact.results == (
        AdResult("purchase", "default", 15_500_000, 600_123_456),
        AdResult("purchase", "1d_click", 15_500_000, 600_100_000),
        AdResult("lead", "default", 3_000_000),
    )
    assert (fact.saves, fact.video_views) == (6, 40)


def test_what_is_missing_is_zero_but_for_reach_and_a_young_day_is_provisional() -> None:
    (fact,) = insights("insights_of_ads_without_actions")
    assert (fact.spend_micros, fact.clicks, fact.reactions, fact.results) == (0, 0, 0, ())
    assert (fact.reach, fact.currency, fact.impressions) == (None, "JPY", 7)
    assert not fact.provisional
    (young,) = insights("insights_of_campaigns", "campaign")
    assert young.provisional


def test_a_breakdown_is_a_grain_of_its_own() -> None:
    found = insights("insights_by_age_and_gender")
    assert [(one.breakdown, one.impressions) for one in found] == [
        ("age=25-34,gender=female", 40),
        ("age=25-34,gender=male", 60),
    ]


@pytest.mark.parametrize(
    ("name", "level", "is_lifetime", "entity", "window", "reach"),
    [
        ("insights_of_campaigns", "campaign", False, "c1", "day:2026-09-20", 7_000),
        ("insights_of_the_account", "account", False, "900", "day:2026-09-20", 6_900),
        ("insights_for_all_time", "ad", True, "a1", "lifetime", 41_000),
    ],
)
def test_reach_is_told_by_campaign_by_account_and_for_all_time(
    name: str, level: Level, is_lifetime: bool, entity: str, window: str, reach: int
) -> None:
    (fact,) = insights(name, level, is_lifetime=is_lifetime)
    assert (fact.level, fact.entity_id, fact.window, fact.reach) == (level, entity, window, reach)


def test_no_rows_are_no_facts() -> None:
    assert insights("insights_empty") == []


@pytest.mark.parametrize(("name", "status"), [("account", "ACTIVE"), ("account_disabled", "DISABLED")])
def test_an_account_says_what_it_is(name: str, status: str) -> None:
    (one,) = ad_entities([entities.of_account(account(), wire(name))])
    assert (one.kind, one.entity_id, one.name, one.status) == ("account", "900", "Acme Ads", status)
    assert (one.currency, one.zone) == ("EUR", "Europe/Berlin")


def test_campaigns_and_ad_sets_have_budgets_and_schedules() -> None:
    sale, leads = ad_entities(entities.of_page(account(), "campaigns", page(wire("campaigns")), wire("campaigns")))
    assert (sale.kind, sale.campaign_id, sale.name, sale.objective) == (
        "campaign",
        "c1",
        "Spring sale",
        "OUTCOME_SALES",
    )
    assert (sale.daily_budget_micros, sale.lifetime_budget_micros) == (50_000_000, None)
    assert (sale.starts_at, sale.ends_at) == (1_772_319_600_000, None)
    assert (leads.daily_budget_micros, leads.lifetime_budget_micros) == (None, 900_000_000)
    assert (leads.name, leads.ends_at) == ("Größe & Glück", 1_801_436_399_000)
    (fans,) = ad_entities(entities.of_page(account(), "adsets", page(wire("adsets")), wire("adsets")))
    assert (fans.kind, fans.adset_id, fans.campaign_id) == ("adset", "s1", "c1")
    assert (fans.status, fans.effective_status, fans.ends_at) == ("ACTIVE", "CAMPAIGN_PAUSED", None)


def test_an_ad_names_the_post_that_it_promotes() -> None:
    found = ad_entities(entities.of_page(account(), "ads", page(wire("ads")), wire("ads")))
    assert [(one.entity_id, one.post_platform, one.post_account_id, one.post_id) for one in found] == [
        ("a1", "facebook", "1001", "1001_2001"),
        ("a2", "instagram", None, "17901"),
        ("a3", None, None, None),
    ]


BUSINESS = (
    '{"900":[{"type":"ads_insights","call_count":81,"total_cputime":2,"total_time":3,'
    '"estimated_time_to_regain_access":19}]}'
)


@pytest.mark.parametrize(
    ("headers", "ratio", "regain"),
    [
        ({"x-business-use-case-usage": BUSINESS}, 0.81, 1140.0),
        ({"x-ad-account-usage": '{"acc_id_util_pct":9.67,"reset_time_duration":100}'}, 0.0967, 100.0),
        ({"x-fb-ads-insights-throttle": '{"app_id_util_pct":100,"acc_id_util_pct":10}'}, 1.0, 0.0),
        ({"x-ad-account-usage": '{"acc_id_util_pct":95}', "x-business-use-case-usage": BUSINESS}, 0.95, 0.0),
    ],
)
def test_the_tightest_limit_counts(headers: dict[str, str], ratio: float, regain: float) -> None:
    found = usage(headers)
    assert found is not None
    assert found.ratio == pytest.approx(ratio)
    assert found.regain_seconds == regain


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"acc_id_util_pct":null}', '{"other":7}', "\ud800", "[" * 5000])
def test_a_header_that_says_nothing_is_no_limit(text: str) -> None:
    found = usage({"x-ad-account-usage": text, "x-fb-ads-insights-throttle": text})
    assert found is None or found.ratio == 0
