"""The market: what brands advertise, who comes to their sites, what they buy and give back. It is no world of posts.

brands                  ad accounts, shops and sites
ads, performance        campaigns, ad sets and ads; what each did on a day, as the platform has it at a second
arrivals, people        how somebody comes, and who
orders, world           what becomes of orders; everything that happens, in order of time
telling, shopify, stripe, woocommerce, collector     how it is told, and what should not have been sent
insights, ads_api, shop_api                          what is polled: the Marketing API, and the orders of a shop
exchange                rates of exchange, for the operator to import
ambassadors             codes and links that people were given, and who of them buys, for the operator to import
outbox, play            what goes wrong with that; one run of it
"""

from pathlib import Path

from ingest.simulator.graph.desk import VERSION
from ingest.simulator.ledger.paid import PaidLedger
from ingest.simulator.market import brands
from ingest.simulator.market.ads_api import PREFIX as ADS
from ingest.simulator.market.play import NAME, stage
from ingest.simulator.market.woocommerce import PREFIX as SHOP
from ingest.simulator.shows import Show


def _truth(directory: Path | None) -> PaidLedger:
    return PaidLedger([]) if directory is None else PaidLedger.read(directory)


SHOW = Show(
    name=NAME,
    platforms=("meta_ads", "shopify", "stripe", "woocommerce"),
    addresses={
        "meta_ads_api_url": f"{{http}}{ADS}/{VERSION}",
        "woocommerce_api_url": f"{{http}}{SHOP}",
        "trusted_proxies": "1",
    },
    configured=lambda setup: brands.configured(setup.begins_at),
    stage=stage,
    truth=_truth,
    is_whole=True,
)
