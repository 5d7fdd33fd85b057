"""How somebody comes to a site: from an ad, an e-mail, a search, a post, or by themselves; and what the address says.

What the address says is known twice: as it is spelled, which is up to whoever made the link, and as it is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from ingest.simulator.market.ads import Ad, AdSet, Campaign

PATHS = ("/", "/products/kettle", "/products/jacke-größe-m", "/sale", "/blog/why-we-care")
_WORDS = ("source", "medium", "campaign", "term", "content")


@dataclass(frozen=True, slots=True)
class Arrival:
    """`words`: utm words as they are meant; `click_ids`: parameter -> value; `ids` name the ad platform's entities.

    `referrer` is the address that they came from, `host` its host. `channel`: what brought them, in truth.
    """

    path: str = "/"
    channel: str = "direct"
    words: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    click_ids: dict[str, str] = field(default_factory=dict)
    utm_id: str | None = None
    referrer: str | None = None
    host: str | None = None

    @property
    def called(self) -> str:
        """What its campaign is called where there are several names: the ad platform's id before all others."""
        return self.ids.get("campaign_id") or self.utm_id or self.words.get("campaign", "")

    def tags(self, rng: Random) -> dict[str, str]:
        """The parameters of the link, as somebody spelled them."""
        found = {f"utm_{name}": _spelled(rng, value) for name, value in self.words.items()}
        if self.utm_id is not None:
            found["utm_id"] = self.utm_id
        return found | self.ids | self.click_ids

    def query(self, rng: Random) -> str:
        """The same as it stands in an address: at times encoded twice, or with a parameter that comes again."""
        pairs = list(self.tags(rng).items())
        chance = rng.random()
        if pairs and chance < 0.08:
            pairs = [(name, quote(value, safe="") if name.startswith("utm_") else value) for name, value in pairs]
        elif pairs and chance < 0.16:
            name, value = pairs[0]
            pairs = [(name, ""), *pairs, (name, value + "x")]  # the first that holds something counts
        return urlencode(pairs)

    def url(self, rng: Random, host: str | None = None) -> str:
        """The address that they came to; from its path on without a host."""
        query = self.query(rng)
        return (f"https://{host}" if host else "") + self.path + (f"?{query}" if query else "")

    def hints(self, landing: str | None, *, referrer: bool = True) -> dict[str, Any]:
        """What the tables hold of it."""
        return {
            **{f"utm_{name}": self.words.get(name) for name in _WORDS},
            "utm_id": self.utm_id,
            **{name: self.ids.get(name) for name in ("campaign_id", "adset_id", "ad_id")},
            "click_ids": sorted(self.click_ids),
            "landing": landing,
            "referrer": self.host if referrer else None,
        }


def _spelled(rng: Random, word: str) -> str:
    """As people write it: in any case, with blanks or pluses."""
    chance = rng.random()
    if chance < 0.2:
        return word.title() if word.isascii() else word
    if chance < 0.3:
        return word.replace(" ", "+")
    return f" {word}" if chance < 0.35 else word


def drawn(rng: Random, ads: Sequence[tuple[Campaign, AdSet, Ad]]) -> Arrival:
    """Somebody comes. `ads`: those of the brand that run."""
    path = rng.choice(PATHS)
    chance = rng.random()
    if chance < 0.38 and ads:
        return _from_ad(rng, path, *rng.choice(ads))
    if chance < 0.48:
        word = rng.choice(("brand", "kettle", "jacke"))
        words = {"source": "google", "medium": "cpc", "campaign": f"search {word}", "term": word}
        clicks = {"gclid": _token(rng, "Cj0K")}
        return Arrival(path, "paid_search", words, click_ids=clicks, **_from("https://www.google.com/"))
    if chance < 0.58:
        words = {"source": "newsletter", "medium": "email", "campaign": f"week {rng.randrange(40, 48)}"}
        return Arrival(path, "email", words)
    if chance < 0.68:
        return Arrival(path, "organic_search", **_from("https://www.google.com/"))
    if chance < 0.76:
        clicks = {"fbclid": _token(rng, "IwAR")}
        return Arrival(path, "organic_social:facebook", click_ids=clicks, **_from("https://L.Facebook.com/l.php?u=x"))
    if chance < 0.8:
        return Arrival(path, "referral", **_from("https://blog.friends.example/kettles?page=2"))
    if chance < 0.84:
        return Arrival(path, "unknown", {"source": "partner", "medium": "affiliate", "campaign": "autumn"})
    return Arrival(path)


def _from(referrer: str) -> dict[str, Any]:
    return {"referrer": referrer, "host": referrer.split("/")[2].lower()}


def _from_ad(rng: Random, path: str, campaign: Campaign, ad_set: AdSet, ad: Ad) -> Arrival:
    network = rng.choice(("facebook", "instagram"))
    words = {"source": network, "medium": "paid_social", "campaign": " ".join(campaign.utm.lower().split())}
    words["content"] = f"ad {ad.id[-3:]}"
    ids = {"campaign_id": campaign.id, "adset_id": ad_set.id, "ad_id": ad.id}
    utm_id = campaign.id if rng.random() < 0.3 else None
    if rng.random() < 0.1:  # tagged with placeholders that nobody filled in
        ids = {}
    clicks = {"fbclid": _token(rng, "IwAR")}
    channel = f"paid_social:{network}"
    return Arrival(path, channel, words, ids, clicks, utm_id, **_from("https://l.facebook.com/"))


def _token(rng: Random, prefix: str) -> str:
    """Case matters in it."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    return prefix + "".join(rng.choices(letters, k=24))
