"""Which part of a promoted post was paid for: from the post's own platform and from its ads, whose ledgers are two."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import ratio

Told = Mapping[str, Any]


def post_split(tables: Mapping[str, Mapping[tuple[Any, ...], Told]]) -> Rows:
    """`post_organic_paid_split`, from the tables of every platform together."""
    ads: dict[tuple[Any, ...], list[Told | None]] = defaultdict(list)
    for (brand, platform, account, kind, entity), row in tables["ad_entities"].items():
        post = row["post_platform"], row["post_account_id"], row["post_id"]
        if kind == "ad" and None not in post:
            fact = tables["ad_facts"].get((brand, platform, account, "ad", entity, "lifetime", ""))
            ads[brand, *post].append(fact)
    return {key: _split(facts, tables["post_totals"].get(key[1:], {})) for key, facts in ads.items()}


def _split(ads: list[Told | None], total: Told) -> Row:
    known = [fact for fact in ads if fact is not None]
    reaches = [fact["reach"] for fact in known if fact["reach"] is not None]
    reach, engagements = total.get("reach"), total.get("engagements")
    least, most = (_capped(of(reaches), reach) if reaches else None for of in (max, sum))
    paid = sum(fact["reactions"] + fact["comments"] + fact["shares"] for fact in known) if known else None
    return {
        "ads": len(ads),
        "known_ads": len(known),
        "total_reach": reach,
        "paid_reach_least": least,
        "paid_reach_most": most,
        "organic_reach_least": None if reach is None or most is None else reach - most,
        "organic_reach_most": None if reach is None or least is None else reach - least,
        "total_engagements": engagements,
        "paid_engagements": paid,
        "organic_engagements": None if engagements is None or paid is None else max(engagements - paid, 0),
        "paid_share": ratio(paid, engagements),
    }


def _capped(value: int, most: int | None) -> int:
    return value if most is None else min(value, most)
