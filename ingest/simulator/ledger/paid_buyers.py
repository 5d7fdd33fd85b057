"""Whose code sold what, who had engaged before they bought, and what was spent on people who come anyway.

What the two imported files say, and what follows from it together with the members of the brands' accounts.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ingest.simulator.ledger.community import BITS
from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.figures import ratio
from ingest.simulator.ledger.paid_legs import platform_of_ads
from ingest.simulator.ledger.paid_people import People

Key = tuple[Any, ...]
Told = Mapping[str, Any]
Tables = Mapping[str, Mapping[Key, Told]]
Person = tuple[str, str]
"""Platform and pseudonym."""
BEFORE = range(1, 61)
"""Days before the order on which somebody may have engaged."""
LOYAL = 7


def imported(given: Iterable[Row], bought: Iterable[Row], people: People) -> dict[str, Rows]:
    """`ambassador_codes` and `imported_buyers`."""
    codes: Rows = {}
    for one in given:
        codes[one["brand"], one["kind"], one["code"]] = {
            "platform": one["platform"],
            "actor_id": people.of_platform(one["platform"], one["person"]),
            "is_personal": one["is_personal"],
            "source": one["source"],
        }
    buyers: Rows = {}
    for one in bought:
        person = people.of_platform(one["platform"], one["person"])
        buyers[one["brand"], one["platform"], person, people.customer(one["customer"])] = {"source": one["source"]}
    return {"ambassador_codes": codes, "imported_buyers": buyers}


class Use(NamedTuple):
    """A person's word led to a purchase."""

    person: Person
    kind: str
    is_personal: bool


class Member(NamedTuple):
    """One person on one account of a brand. `days`: those with a presence, as far as 64 bits hold them."""

    level: int
    is_ambassador: bool
    last: dt.date
    days: frozenset[dt.date]


class _Brands:
    """Everything that the views need, by brand."""

    def __init__(self, tables: Tables) -> None:
        self.orders = {
            key: row
            for key, row in tables["conversions"].items()
            if row["status"] == "paid" and row["event_name"] == "purchase"
        }
        self.paid: set[Key] = set()
        campaigns: dict[Key, set[str]] = defaultdict(set)
        for (*order, _, model), row in tables["attribution_credits"].items():
            if model == "linear" and tuple(order) in self.orders:
                campaigns[tuple(order)].add(row["campaign"])
                if platform_of_ads(row["channel"]):
                    self.paid.add(tuple(order))
        self.words = tables["ambassador_codes"]
        self.uses = {key: set(self._uses(key, campaigns[key])) for key in self.orders}
        self.members: dict[tuple[str, Person], list[Member]] = defaultdict(list)
        for (platform, account, actor), row in tables["community_members"].items():
            if found := tables["accounts"].get((platform, account)):
                self.members[found["brand"], (platform, actor)].append(_member(row))
        self.known = set(self._known(tables["imported_buyers"]))
        self.buyers: dict[tuple[str, str], set[Person]] = defaultdict(set)
        for brand, platform, actor, customer, _ in self.known:
            self.buyers[brand, customer].add((platform, actor))

    def _uses(self, order: Key, campaigns: Iterable[str]) -> Iterator[Use]:
        said = [("code", code) for code in self.orders[order]["discount_codes"]]
        for kind, word in [*said, *(("link", campaign) for campaign in campaigns)]:
            if row := self.words.get((order[0], kind, word)):
                yield Use((row["platform"], row["actor_id"]), kind, row["is_personal"])

    def _known(self, imports: Iterable[Key]) -> Iterator[Key]:
        for key in imports:
            yield (*key, "import")
        for order, uses in self.uses.items():
            customer = self.orders[order]["customer_id"]
            for use in uses:
                if use.is_personal and customer is not None:
                    yield (order[0], *use.person, customer, "personal_code")

    def accounts_of(self, order: Key) -> list[Member] | None:
        """As whom the buyer of an order is a member; None if nobody knows who they are."""
        people = self.buyers.get((order[0], self.orders[order]["customer_id"]))
        if not people:
            return None
        return [member for person in people for member in self.members.get((order[0], person), ())]


def _member(row: Told) -> Member:
    bits, last = row["recent_days"] % (1 << BITS), row["last_seen_day"]
    days = frozenset(last - dt.timedelta(days=back) for back in range(BITS) if bits >> back & 1)
    return Member(row["level"], row["is_ambassador"], last, days)


def views(tables: Tables) -> dict[str, Rows]:
    """The four views, from the tables of all platforms."""
    brands = _Brands(tables)
    return {
        "known_buyers": {key: {} for key in brands.known},
        "ambassador_revenue": _revenue(brands),
        "engaged_purchases_by_day": _engaged(brands),
        "paid_on_loyal_by_day": _on_loyal(brands, tables["brand_efficiency_day"]),
    }


def _revenue(brands: _Brands) -> Rows:
    sold: dict[Key, dict[Key, set[str]]] = defaultdict(lambda: defaultdict(set))
    for order, uses in brands.uses.items():
        row = brands.orders[order]
        own = {use.person for use in uses if use.is_personal}
        for use in uses:
            if use.person not in own:
                sold[order[0], *use.person, row["day"], row["currency"]][order].add(use.kind)
    rows: Rows = {}
    for key, kinds in sold.items():
        orders = [brands.orders[order] for order in kinds]
        members = brands.members.get((key[0], key[1:3]), [])
        ambassadors = {
            person
            for (brand, person), found in brands.members.items()
            if brand == key[0] and any(member.is_ambassador for member in found)
        }
        selling = {
            (row["platform"], row["actor_id"])
            for (brand, _, _), row in brands.words.items()
            if brand == key[0] and not row["is_personal"]
        }
        rows[key] = {
            "purchases": len(kinds),
            "by_code": sum("code" in found for found in kinds.values()),
            "by_link": sum("link" in found for found in kinds.values()),
            "net_micros": sum(order["net_micros"] for order in orders),
            "customers": len({order["customer_id"] for order in orders} - {None}),
            "level": max((member.level for member in members), default=None),
            "is_ambassador": any(member.is_ambassador for member in members) if members else None,
            "persons": len(ambassadors),
            "linked_persons": len(ambassadors & selling),
        }
    return rows


def _had_engaged(members: Iterable[Member], day: dt.date) -> bool | None:
    """Whether a buyer was active in the 60 days before; None if what is kept of them does not reach back so far."""
    members = list(members)
    before = {day - dt.timedelta(days=back) for back in BEFORE}
    if any(before & member.days for member in members):
        return True
    reaches = all(min(before) >= member.last - dt.timedelta(days=BITS - 1) for member in members)
    return False if reaches else None


def _engaged(brands: _Brands) -> Rows:
    counts: dict[Key, Counter[str]] = defaultdict(Counter)
    persons: dict[Key, set[str]] = defaultdict(set)
    linked: dict[Key, set[str]] = defaultdict(set)
    for order, row in brands.orders.items():
        key, customer = (order[0], row["day"], row["currency"]), row["customer_id"]
        words = {"purchases"}
        if customer is not None:
            persons[key].add(customer)
        if (members := brands.accounts_of(order)) is not None:
            linked[key].add(customer)
            words.add("linked_purchases")
            had = _had_engaged(members, row["day"])
            words |= {"judged_purchases"} if had is not None else set()
            words |= {"engaged_purchases"} if had else set()
        if order in brands.paid:
            words |= {f"paid_{word}" for word in words}
        counts[key].update(words)
    judged = ("purchases", "judged_purchases", "engaged_purchases")
    return {
        key: {
            **{name: found[name] for name in (*judged, "linked_purchases", *(f"paid_{name}" for name in judged))},
            "engaged_share": ratio(found["engaged_purchases"], found["judged_purchases"]),
            "paid_engaged_share": ratio(found["paid_engaged_purchases"], found["paid_judged_purchases"]),
            "persons": len(persons[key]),
            "linked_persons": len(linked[key]),
        }
        for key, found in counts.items()
    }


def _on_loyal(brands: _Brands, efficiency: Mapping[Key, Told]) -> Rows:
    bought: dict[Key, list[tuple[Told, list[Member] | None]]] = defaultdict(list)
    for order in brands.paid:
        row = brands.orders[order]
        bought[order[0], row["day"], row["currency"]].append((row, brands.accounts_of(order)))
    rows: Rows = {}
    for key, day in efficiency.items():
        if key not in bought and day["spend_micros"] is None:
            continue
        found = bought.get(key, [])
        linked = [row for row, members in found if members is not None]
        loyal = [row for row, members in found if any(member.level >= LOYAL for member in members or ())]
        spend = day["spend_micros"]
        is_known = spend is not None and linked
        rows[key] = {
            "paid_purchases": len(found),
            "paid_value_micros": sum(row["net_micros"] for row, _ in found),
            "linked_paid_purchases": len(linked),
            "loyal_paid_purchases": len(loyal),
            "loyal_paid_value_micros": sum(row["net_micros"] for row in loyal),
            "loyal_share": ratio(len(loyal), len(linked)),
            "spend_micros": spend,
            "spend_on_loyal_micros": _rounded(spend * len(loyal), len(linked)) if is_known else None,
            "persons": len({row["customer_id"] for row, _ in found} - {None}),
            "linked_persons": len({row["customer_id"] for row in linked}),
        }
    return rows


def _rounded(over: int, under: int) -> int:
    """The quotient, a half upwards."""
    return (2 * over + under) // (2 * under)
