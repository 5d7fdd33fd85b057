"""What a boost did to a post, and which posts are worth one: from the posts' platforms and from their ads."""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ingest.simulator.ledger.content import KINDS, is_shown
from ingest.simulator.ledger.counting import UNSENT, Row, Rows
from ingest.simulator.ledger.figures import median, percentile, ratio

HOUR = dt.timedelta(hours=1)
LONGEST, YOUNG, OLDEST = 672, 168, 2_160
"""Hours: of a boost that are judged; of a post that may become a candidate; of one that it is compared with."""
ENOUGH_TO_EXPECT, ENOUGH_TO_CHOOSE, ENOUGH_ENGAGEMENTS = 5, 10, 10

Key = tuple[Any, ...]
Tables = Mapping[str, Mapping[Key, Mapping[str, Any]]]


class Post(NamedTuple):
    """A shown post. `over`: how many of its hours are; `hours`: age -> engagements."""

    key: Key
    published_at: dt.datetime
    begins: dt.datetime
    over: int
    is_seen: bool
    is_promoted: bool
    hours: Mapping[int, int]

    def sum(self, until: int, since: int = 0) -> int:
        return sum(number for age, number in self.hours.items() if since <= age < until)


class Spent(NamedTuple):
    """A day of spending of one ad."""

    starts: dt.datetime
    ends: dt.datetime
    currency: str
    micros: int
    paid: int


def boosts(tables: Tables) -> dict[str, Rows]:
    """`paid_halo` and `boost_candidates`, from the tables of every platform together."""
    ads = _ads(tables)
    posts = _posts(tables, ads)
    days = {post.key: _days(post, ads.get(post.key, ())) for of_account in posts.values() for post in of_account}
    halo: Rows = {}
    candidates: Rows = {}
    for of_account in posts.values():
        seen = [post for post in of_account if post.is_seen]
        unpaid = [post for post in seen if not post.is_promoted]
        for post in seen:
            if row := _halo(post, days[post.key], unpaid):
                halo[post.key] = row
        price = _price([days[post.key] for post in of_account])
        for post in unpaid:
            if row := _candidate(post, [one for one in unpaid if YOUNG < one.over <= OLDEST]):
                candidates[post.key] = row | price
    return {"paid_halo": halo, "boost_candidates": candidates}


def _ads(tables: Tables) -> dict[Key, list[Row]]:
    """Post -> what its ads did on single days. A post has a place here if any ad promotes it."""
    of_ad: dict[Key, list[Row]] = defaultdict(list)
    for (brand, platform, account, level, entity, _, breakdown), fact in tables["ad_facts"].items():
        if level == "ad" and not breakdown and fact["day"] is not None and fact["spend_micros"] > 0:
            of_ad[brand, platform, account, entity].append(dict(fact))
    found: dict[Key, list[Row]] = defaultdict(list)
    for (brand, platform, account, kind, entity), row in tables["ad_entities"].items():
        post = row["post_platform"], row["post_account_id"], row["post_id"]
        if kind == "ad" and None not in post:
            found[post] += of_ad[brand, platform, account, entity]
    return found


def _posts(tables: Tables, ads: Mapping[Key, object]) -> dict[Key, list[Post]]:
    """Account -> its shown posts. Of an account without engagement nothing is over."""
    newest: dict[Key, dt.datetime] = {}
    for *account, hour in tables["engagement_by_account_hour"]:
        newest[tuple(account)] = max(hour, newest.get(tuple(account), hour))
    hours: dict[Key, dict[dt.datetime, int]] = defaultdict(dict)
    for (*post, hour), row in tables["engagement_by_post_hour"].items():
        hours[tuple(post)][hour] = sum(row[f"net_{kind}"] or 0 for kind in KINDS)
    found: dict[Key, list[Post]] = defaultdict(list)
    for key, columns in tables["posts"].items():
        if is_shown(dict(columns)) and key[:2] in newest:
            at = columns["published_at"]
            begins = at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
            ages = {(hour - begins) // HOUR: number for hour, number in hours[key].items()}
            is_seen = at > tables["accounts"][key[:2]]["connected_at"]
            over = (newest[key[:2]] - begins) // HOUR
            found[key[:2]].append(Post(key, at, begins, over, is_seen, key in ads, ages))
    return found


def _days(post: Post, facts: Sequence[Row]) -> list[Spent]:
    unsent = UNSENT.get(post.key[0], frozenset())
    found = []
    for fact in facts:
        starts, ends = (
            dt.datetime.combine(day, dt.time(), ZoneInfo(fact["zone"])).astimezone(dt.UTC)
            for day in (fact["day"], fact["day"] + dt.timedelta(days=1))
        )
        if ends > post.begins and starts < post.begins + HOUR * min(post.over, LONGEST):
            told = {"likes": fact["reactions"], "comments": fact["comments"], "shares": fact["shares"]}
            paid = sum(number for kind, number in told.items() if kind not in unsent)
            found.append(Spent(starts, ends, fact["currency"], fact["spend_micros"], paid))
    return found


def _halo(post: Post, days: Sequence[Spent], unpaid: Sequence[Post]) -> Row | None:
    """Its row of `paid_halo`, if it has one."""
    if not days:
        return None
    boosted_from, boosted_until = min(day.starts for day in days), max(day.ends for day in days)
    since = max(math.ceil((boosted_from - post.begins) / HOUR), 0)
    until = min(math.ceil((boosted_until - post.begins) / HOUR), post.over, LONGEST)
    if until <= since:
        return None
    siblings = [
        one for one in unpaid if one.over >= until and abs(one.published_at - post.published_at) <= LONGEST * HOUR
    ]
    gains = [one.sum(until, since) for one in siblings]
    ratios = [gain / one.sum(since) for one, gain in zip(siblings, gains, strict=True) if one.sum(since) > 0]
    before, total, paid = post.sum(since), post.sum(until, since), sum(day.paid for day in days)
    organic = max(total - paid, 0)
    is_known = before > 0 and len(ratios) >= ENOUGH_TO_EXPECT
    currencies = {day.currency for day in days}
    return {
        "boosted_from": boosted_from,
        "boosted_until": boosted_until,
        "hours_before": since,
        "hours": until - since,
        "spend_micros": sum(day.micros for day in days) if len(currencies) == 1 else None,
        "currency": currencies.pop() if len(currencies) == 1 else None,
        "before": before,
        "total": total,
        "paid": paid,
        "organic": organic,
        "siblings": len(siblings),
        "curves": len(ratios),
        **_against("curve", organic, ratios if is_known else [], before),
        **_against("siblings", organic, gains if len(gains) >= ENOUGH_TO_EXPECT else []),
        "evidence": "observational",
    }


def _against(name: str, organic: int, others: Sequence[float], times: int = 1) -> Row:
    """What came beyond what was to be expected after others; unknown if there are none."""
    low, middle, high = (None if (of := percentile(others, part)) is None else times * of for part in (0.1, 0.5, 0.9))
    return {
        f"expected_by_{name}": middle,
        f"halo_by_{name}": None if middle is None else organic - middle,
        f"halo_by_{name}_least": None if high is None else organic - high,
        f"halo_by_{name}_most": None if low is None else organic - low,
    }


def _candidate(post: Post, siblings: Sequence[Post]) -> Row | None:
    """Its row of `boost_candidates` but for what a boost costs, if it is one."""
    age = post.over
    if not 1 <= age <= YOUNG or len(siblings) < ENOUGH_TO_CHOOSE:
        return None
    engagements, reached = post.sum(age), [one.sum(age) for one in siblings]
    usual, unusual = percentile(reached, 0.5), percentile(reached, 0.9)
    if engagements < ENOUGH_ENGAGEMENTS or unusual is None or engagements <= unusual:
        return None
    growth = median([one.sum(YOUNG) / then for one, then in zip(siblings, reached, strict=True) if then > 0])
    return {
        "age_hours": age,
        "engagements": engagements,
        "usual_engagements": usual,
        "unusual_engagements": unusual,
        "lift": ratio(engagements, usual),
        "siblings": len(siblings),
        "expected_engagements": None if growth is None else engagements * growth,
    }


def _price(of_posts: Sequence[Sequence[Spent]]) -> Row:
    """What boosts of an account's posts cost, in the currency of most of them."""
    spent: dict[str, list[Counter[str]]] = defaultdict(list)
    for days in of_posts:
        for currency in {day.currency for day in days}:
            own = [day for day in days if day.currency == currency]
            spent[currency].append(Counter(micros=sum(day.micros for day in own), paid=sum(day.paid for day in own)))
    found: Row = dict.fromkeys(("currency", "usual_spend_micros", "engagement_cost_micros"), None)
    found |= {"boosts": 0, "expected_extra_engagements": None}
    if spent:
        currency = min(spent, key=lambda one: (-len(spent[one]), one))
        of_boosts = spent[currency]
        usual = median([boost["micros"] for boost in of_boosts])
        cost = ratio(float(sum(boost["micros"] for boost in of_boosts)), sum(boost["paid"] for boost in of_boosts))
        found |= {"currency": currency, "boosts": len(of_boosts), "usual_spend_micros": usual}
        found |= {"engagement_cost_micros": cost, "expected_extra_engagements": ratio(usual, cost)}
    return found
