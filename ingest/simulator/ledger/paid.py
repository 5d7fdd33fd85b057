"""The paid leg's tables, from the notes of a market. Nothing in a simulated world is so old that it would be late."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any, Self

from ingest.simulator.ledger import (
    paid_ads,
    paid_attribution,
    paid_buyers,
    paid_legs,
    paid_orders,
    paid_people,
    paid_touches,
    paid_views,
    rates,
)
from ingest.simulator.ledger.counting import Row, Rows, moment
from ingest.simulator.ledger.evaluation import Seen, Tables
from ingest.simulator.ledger.notes import FILE


class PaidLedger:
    """Everything noted so far, read once."""

    def __init__(self, notes: Iterable[list[Any]]) -> None:
        self.accounts: Rows = {}
        self.sites: dict[str, Row] = {}
        self.rates: Rows = {}
        self.told: dict[str, list[Row]] = defaultdict(list)
        for word, *values in notes:
            match word:
                case "configured":
                    platform, account, columns = values
                    self.accounts[platform, account] = {**columns, "connected_at": moment(columns["connected_at"])}
                case "site":
                    site, brand, zone = values
                    self.sites[site] = {"brand": brand, "zone": zone}
                case "quoted":
                    source, base, of_days = values
                    for day, units in of_days.items():
                        for currency, number in {**units, base: 1.0}.items():
                            row = {"units": number, "source": source}
                            self.rates[currency, dt.date.fromisoformat(day)] = row
                case "platform":
                    pass
                case _:
                    self.told[word].append(values[0])

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read the notes in `directory`; a last line that is still being written is left out."""
        with (directory / FILE).open(encoding="utf-8") as lines:
            return cls(json.loads(line) for line in lines if line.endswith("\n"))

    def evaluate(
        self,
        *,
        now: int | None = None,
        identity_key: str | None = None,
        observed: Container[Seen] | None = None,
        polled: Container[tuple[str, str, str]] | None = None,
    ) -> Tables:
        """Every table of the paid leg, and those in which each configured account has a row: {table: {key: row}}.

        `observed`: the readings of ads that reached the log: (platform, account, entity, level or kind, breakdown,
        period, as_of); None if all of them did.
        """
        people = paid_people.People(identity_key)
        ads = [one for one in self.told["ad"] if observed is None or paid_ads.seen(one) in observed]
        entities = [one for one in self.told["entity"] if observed is None or paid_ads.seen_entity(one) in observed]
        links = paid_people.identity_links(self.told["link"], people)
        told = paid_ads.tables(ads)
        known = paid_ads.entities(entities)
        conversions = paid_orders.conversions(self.told["order"], self.told["refund"], self._zone, people)
        tables = {
            **told,
            **paid_views.views(told["ad_facts"], told["ad_fact_history"], known, conversions),
            "ad_entities": known,
            "conversions": conversions,
            "touches_by_campaign_day": paid_touches.by_campaign_day(self.told["touch"], self.sites),
            "identity_links": links,
            **paid_attribution.tables(self.told["touch"], self.sites, links, conversions, people, now),
        }
        return {
            **tables,
            **paid_legs.views(tables),
            **paid_buyers.imported(self.told["ambassador"], self.told["buyer"], people),
            "currency_rates": self.rates,
            "accounts": self.accounts,
            "account_rates": self._rates(),
        }

    def _zone(self, source: str, shop: str) -> str:
        """Whose days an order of the shop falls on."""
        found = self.sites.get(shop) if source == "web" else self.accounts.get((source, shop))
        return str(found["zone"]) if found else "UTC"

    def _rates(self) -> Rows:
        """An account that publishes nothing has rates all the same: of no posts."""
        nothing: Tables = defaultdict(dict)
        rows: Rows = {}
        for platform in sorted({key[0] for key in self.accounts}):
            own = {key: row for key, row in self.accounts.items() if key[0] == platform}
            rows |= rates.account_rates(platform, own, nothing, rates.Followers({}))
        return rows
