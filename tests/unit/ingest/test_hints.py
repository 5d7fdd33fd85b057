"""Addresses as people, tools and proxies write them, and what of them is kept."""

import pytest

from contracts.paid import Hints
from ingest import hints


@pytest.mark.parametrize(
    ("query", "campaign"),
    [
        ("utm_campaign=Spring%20Sale", "spring sale"),
        ("utm_campaign=spring+sale", "spring sale"),
        ("utm_campaign=spring%2Bsale", "spring sale"),
        ("utm_campaign=spring%2520sale", "spring sale"),
        ("utm_campaign=spring%252520sale", "spring sale"),
        ("UTM_Campaign=%20SPRING%09sale%20", "spring sale"),
        ("utm_campaign=&utm_campaign=%20&utm_campaign=spring+sale&utm_campaign=other", "spring sale"),
        ("utm_source=x&amp;utm_campaign=spring+sale", "spring sale"),
        ("utm_source%3Dx%26utm_campaign%3Dspring%2Bsale", "spring sale"),
        ("utm_source=x%2526utm_campaign%253Dspring%2520sale", "spring sale"),
        ("utm_campaign=Rock%20%26%20Roll", "rock & roll"),
        ("utm_campaign=a%2526b", "a&b"),
        ("utm_campaign=100%25", "100%"),
        ("utm_campaign=50%25de", "50%de"),
        ("utm_campaign=Cafe%CC%81", "café"),
        ("utm_campaign=Caf%C3%89", "café"),
        ("utm_campaign=" + "x" * 300, "x" * 255),
        ("utm_campaign=%E2%80%AEgnirps", "gnirps"),
        ("utm_campaign=%00", None),
        ("campaign=spring", None),
    ],
)
def test_every_spelling_of_a_campaign_is_one(query: str, campaign: str | None) -> None:
    assert hints.of_url(f"https://shop.test/?{query}").campaign == campaign


@pytest.mark.parametrize("name", hints.CLICK_IDS)
def test_a_click_id_is_kept_as_it_came(name: str) -> None:
    assert hints.of_url(f"/?{name.upper()}=IwAR0-_xYZ.9").click_ids == {name: "IwAR0-_xYZ.9"}
    assert hints.of_url(f"/?{name}={'x' * 513}").click_ids == {}
    assert hints.of_url(f"/?{name}=a%0Ab").click_ids == {}


@pytest.mark.parametrize("cookie", ["fb.1.1789990000123.IwAR0-_x", "fb.2.1789990000123.IwAR0-_x.AQYBAQIA"])
def test_the_cookie_of_a_click_holds_its_id_whatever_is_appended(cookie: str) -> None:
    assert hints.of_parameters([("_fbc", cookie)]).click_ids == {"fbclid": "IwAR0-_x"}
    assert hints.of_parameters([("fbclid", "first"), ("fbc", cookie)]).click_ids == {"fbclid": "first"}


@pytest.mark.parametrize("cookie", ["fb.1.IwAR0", "fb.1.soon.IwAR0", "IwAR0", "", "...."])
def test_what_is_no_such_cookie_holds_none(cookie: str) -> None:
    assert hints.of_parameters([("fbc", cookie)]).click_ids == {}


def test_ids_of_ads_are_taken_over_and_placeholders_are_not() -> None:
    found = hints.of_url("/?campaign_id=120208&adset_id={{adset.id}}&ad_id=120210")
    assert (found.campaign_id, found.adset_id, found.ad_id) == ("120208", None, "120210")


@pytest.mark.parametrize(
    ("url", "landing"),
    [
        ("https://Shop.test/a/b?utm_source=x#top", "shop.test/a/b"),
        ("https://shop.test", "shop.test/"),
        ("https://ann:secret@shop.test:8443/a", "shop.test/a"),
        ("//shop.test/a", "shop.test/a"),
        ("/products/a?utm_source=facebook", "/products/a"),
        ("", None),
        ("about:blank", None),
        ("https://[::1/a", None),
        ("https://shop.test/" + "a" * 600, "shop.test/" + "a" * 502),
    ],
)
def test_a_landing_is_a_page_without_a_query(url: str, landing: str | None) -> None:
    assert hints.of_url(url).landing == landing


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://L.Facebook.com/l.php?u=x", "l.facebook.com"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("https://news.test.:443", "news.test"),
        ("typein", None),
        ("(direct)", None),
        (None, None),
        ("https://[::1/", None),
    ],
)
def test_a_referrer_is_a_host(url: str | None, host: str | None) -> None:
    assert hints.of_url("/", url).referrer == host


def test_of_an_address_that_is_too_long_no_parameter_is_cut() -> None:
    url = "/?utm_source=facebook&x=" + "y" * 8150 + "&gclid=" + "z" * 100
    assert hints.of_url(url) == Hints(source="facebook", landing="/")


def test_what_one_place_does_not_tell_another_does() -> None:
    first = Hints(source="facebook", click_ids={"fbclid": "a"})
    second = Hints(source="google", medium="cpc", click_ids={"fbclid": "b", "gclid": "c"})
    expected = Hints(source="facebook", medium="cpc", click_ids={"fbclid": "a", "gclid": "c"})
    assert hints.merged(first, second) == expected
