"""Who advertises and sells: for each brand of the world its ad accounts, shops and sites."""

import datetime as dt
from dataclasses import dataclass

from contracts.config import Account, Site
from ingest.simulator.population import BRANDS
from ingest.simulator.shows import Configured

CONNECTED_DAYS_AGO = 70
"""Before the world begins: days that are read once, by reports."""
FIRST_AD_ACCOUNT = 1_040_000_000_000_000_101
"""Beyond what a double holds."""


@dataclass(frozen=True, slots=True)
class AdAccount:
    """An account that a brand advertises with."""

    id: str
    brand: str
    name: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Shop:
    """`id` is what the platform calls it: a domain, an account, an address."""

    source: str
    id: str
    brand: str
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Website:
    """Where visitors of a brand come to; `has_checkout`: conversions are told by its own pages."""

    id: str
    brand: str
    zone: str
    currency: str
    has_checkout: bool

    @property
    def host(self) -> str:
        return f"www.{self.brand}.example"

    @property
    def write_key(self) -> str:
        return f"wk-{self.id}-0123456789abcdef"


_ADVERTISING = (
    ("alder", "Europe/Berlin", "EUR"),
    ("alder", "America/New_York", "USD"),
    ("birch", "Pacific/Kiritimati", "USD"),
    ("cedar", "Asia/Tokyo", "JPY"),
    ("cedar", "Asia/Kolkata", "INR"),
    ("dahlia", "Pacific/Pago_Pago", "GBP"),
)
AD_ACCOUNTS = tuple(
    AdAccount(str(FIRST_AD_ACCOUNT + number), brand, f"{BRANDS[brand]} Ads {zone.rpartition('/')[2]}", zone, currency)
    for number, (brand, zone, currency) in enumerate(_ADVERTISING)
)
SHOPS = (
    Shop("shopify", "alder-outdoor.myshopify.com", "alder", "Europe/Berlin", "EUR"),
    Shop("shopify", "dahlia-studio.myshopify.com", "dahlia", "America/Los_Angeles", "USD"),
    Shop("woocommerce", "https://shop.birch.example", "birch", "Europe/London", "GBP"),
    Shop("stripe", "acct_1Cedar0000000001", "cedar", "Asia/Tokyo", "JPY"),
    Shop("stripe", "acct_1Dahlia000000001", "dahlia", "UTC", "USD"),
)
SITES = (
    Website("alder-site", "alder", "Europe/Berlin", "EUR", has_checkout=False),
    Website("birch-site", "birch", "Europe/London", "GBP", has_checkout=True),
    Website("cedar-site", "cedar", "Asia/Tokyo", "JPY", has_checkout=True),
    Website("dahlia-site", "dahlia", "Pacific/Apia", "USD", has_checkout=False),
)


def configured(begins_at: int) -> Configured:
    """What the pipeline is told of them."""
    since = dt.datetime.fromtimestamp(begins_at, dt.UTC)
    long_since = since - dt.timedelta(days=CONNECTED_DAYS_AGO)
    accounts = [
        Account("meta_ads", one.id, one.name, one.brand, long_since, one.zone, one.currency) for one in AD_ACCOUNTS
    ]
    accounts += [
        Account(one.source, one.id, BRANDS[one.brand], one.brand, since, one.zone, one.currency) for one in SHOPS
    ]
    sites = [
        Site(one.id, one.brand, (one.write_key,), (f"https://{one.host}",), (one.host,), one.zone) for one in SITES
    ]
    return Configured(accounts, sites)
