"""The channel of a touch: the first rule that fits it, those of the configuration before these.

A rule fits if everything that it names fits; what it does not name may be anything. Referrers and sources of a network
are its own hosts and the names that people give it in `utm_source`.
"""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from contracts.config import ChannelRule
from contracts.paid import Hints

PAID_MEDIA = ("cpc", "ppc", "cpm", "cpv", "paid", "paid*", "*paid", "ads", "display")
NETWORKS: dict[str, tuple[str, ...]] = {
    "facebook": ("facebook", "fb", "meta", "facebook.com", "*.facebook.com", "fb.me"),
    "instagram": ("instagram", "ig", "instagram.com", "*.instagram.com"),
    "youtube": ("youtube", "yt", "youtube.com", "*.youtube.com", "youtu.be"),
    "tiktok": ("tiktok", "tiktok.com", "*.tiktok.com"),
    "x": ("x", "twitter", "x.com", "twitter.com", "*.twitter.com", "t.co"),
    "linkedin": ("linkedin", "linkedin.com", "*.linkedin.com", "lnkd.in"),
    "bluesky": ("bluesky", "bsky", "bsky.app", "*.bsky.app"),
    "mastodon": ("mastodon", "mastodon.social"),
    "reddit": ("reddit", "reddit.com", "*.reddit.com"),
    "pinterest": ("pinterest", "pinterest.*", "*.pinterest.*", "pin.it"),
    "snapchat": ("snapchat", "snapchat.com", "*.snapchat.com"),
}
"""Social networks by their names in channels: how sources and referring hosts spell them."""
CLICK_IDS_OF_ADS = {
    "facebook": (),  # fbclid comes with every link out of Facebook, paid or not
    "tiktok": ("ttclid",),
    "x": ("twclid",),
    "linkedin": ("li_fat_id",),
    "reddit": ("rdt_cid",),
    "snapchat": ("ScCid",),
}
SEARCH = (
    *("google", "google.*", "*.google.*", "bing", "bing.com", "*.bing.com", "duckduckgo", "duckduckgo.com"),
    *("yahoo", "*.yahoo.com", "ecosia", "ecosia.org", "*.ecosia.org"),
)

UNKNOWN, DIRECT, REFERRAL = "unknown", "direct", "referral"

MOST_REMEMBERED = 65_536

Classifier = Callable[[Hints], str]


class Told(NamedTuple):
    """What of an address decides. `campaign`: its name or id. `referrer`: another host than the page's own."""

    source: str | None
    medium: str | None
    campaign: str | None
    referrer: str | None
    click_ids: frozenset[str]


def defaults() -> tuple[ChannelRule, ...]:
    """The rules that follow those of a configuration, in their order."""
    paid = [ChannelRule(f"paid_social:{name}", medium=PAID_MEDIA, source=spelled) for name, spelled in NETWORKS.items()]
    clicked = [ChannelRule(f"paid_social:{name}", click_id=ids) for name, ids in CLICK_IDS_OF_ADS.items() if ids]
    organic = [
        rule
        for name, spelled in NETWORKS.items()
        for rule in (
            ChannelRule(f"organic_social:{name}", source=spelled),
            ChannelRule(f"organic_social:{name}", referrer=spelled),
        )
    ]
    return (
        *paid,
        *clicked,
        ChannelRule("paid_search", click_id=("gclid", "gbraid", "wbraid", "msclkid")),
        ChannelRule("paid_search", medium=PAID_MEDIA, source=SEARCH),
        *organic,
        ChannelRule("organic_social:facebook", click_id=("fbclid",)),
        ChannelRule("email", medium=("email", "e-mail", "newsletter")),
        ChannelRule("email", source=("newsletter", "email", "mailchimp", "klaviyo")),
        ChannelRule("organic_search", medium=("organic",)),
        ChannelRule("organic_search", referrer=SEARCH),
    )


def classifier(rules: Iterable[ChannelRule]) -> Classifier:
    """The function that finds the channel of what an address told, by `rules` and then by the defaults.

    What no rule fits is `direct` if nothing is known of where it came from, a `referral` if nothing but another host
    is, else `unknown`.

    >>> classifier(())(Hints(source="facebook", medium="cpc")), classifier(())(Hints())
    ('paid_social:facebook', 'direct')
    """
    ordered = (*rules, *defaults())

    @lru_cache(MOST_REMEMBERED)
    def found(told: Told) -> str:
        for rule in ordered:
            if _fits(rule, told):
                return rule.channel
        if told.source or told.medium or told.campaign or told.click_ids:
            return UNKNOWN
        return REFERRAL if told.referrer else DIRECT

    def channel(hints: Hints) -> str:
        own = (hints.landing or "").partition("/")[0]
        referrer = None if hints.referrer == own else hints.referrer
        campaign = hints.campaign or hints.utm_id or hints.campaign_id
        return found(Told(hints.source, hints.medium, campaign, referrer, frozenset(hints.click_ids)))

    return channel


def campaign_of(hints: Hints) -> str:
    """What a touch's campaign is called: the ad platform's id if the address names it, else `utm_id`, else the name."""
    return hints.campaign_id or hints.utm_id or hints.campaign or ""


def _fits(rule: ChannelRule, told: Told) -> bool:
    named = [
        (rule.source, told.source),
        (rule.medium, told.medium),
        (rule.campaign, told.campaign),
        (rule.referrer, told.referrer),
    ]
    asked = [(patterns, value) for patterns, value in named if patterns]
    if not asked and not rule.click_id:
        return False
    if rule.click_id and not told.click_ids.intersection(rule.click_id):
        return False
    return all(value is not None and _matches(patterns, value) for patterns, value in asked)


def _matches(patterns: Sequence[str], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)
