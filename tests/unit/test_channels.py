"""Which channel a touch is of."""

import pytest

from contracts.config import ChannelRule
from contracts.paid import Hints
from processors.attribution.channels import campaign_of, classifier

channel = classifier(())


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints(), "direct"),
        (Hints(landing="shop.test/a", referrer="shop.test"), "direct"),
        (Hints(landing="shop.test/a", referrer="blog.test"), "referral"),
        (Hints(source="facebook", medium="cpc"), "paid_social:facebook"),
        (Hints(source="fb", medium="paid_social"), "paid_social:facebook"),
        (Hints(source="ig", medium="social"), "organic_social:instagram"),
        (Hints(referrer="l.facebook.com"), "organic_social:facebook"),
        (Hints(referrer="facebook.com.evil.test"), "referral"),
        (Hints(click_ids={"fbclid": "x"}), "organic_social:facebook"),
        (Hints(source="facebook", medium="paid", click_ids={"fbclid": "x"}), "paid_social:facebook"),
        (Hints(click_ids={"ttclid": "x"}), "paid_social:tiktok"),
        (Hints(click_ids={"gclid": "x"}, referrer="www.google.com"), "paid_search"),
        (Hints(source="google", medium="cpc"), "paid_search"),
        (Hints(referrer="www.google.co.uk"), "organic_search"),
        (Hints(source="spring", medium="newsletter"), "email"),
        (Hints(source="poster", medium="qr"), "unknown"),
        (Hints(utm_id="77"), "unknown"),
    ],
)
def test_what_an_address_tells_names_the_channel(hints: Hints, expected: str) -> None:
    assert channel(hints) == expected


def test_a_rule_of_ones_own_comes_first_and_fits_as_a_whole() -> None:
    own = classifier([ChannelRule("influencers", source=("creator-*",), medium=("collab",))])
    assert own(Hints(source="creator-ann", medium="collab")) == "influencers"
    assert own(Hints(source="creator-ann", medium="email")) == "email"


def test_a_rule_that_names_nothing_fits_nothing() -> None:
    assert classifier([ChannelRule("everything")])(Hints()) == "direct"


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints(campaign="spring", utm_id="7", campaign_id="9"), "9"),
        (Hints(campaign="spring", utm_id="7"), "7"),
        (Hints(campaign="spring"), "spring"),
        (Hints(), ""),
    ],
)
def test_a_campaign_goes_by_its_id_if_it_is_told(hints: Hints, expected: str) -> None:
    assert campaign_of(hints) == expected
