"""The rows behind the answers in docs/queries.md: Acme Coffee's autumn, as of Tuesday 24 November 2026."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg

from contracts import tables
from contracts.config import Account
from sinks.postgres.migrate import upsert_accounts
from tests.integration.panel_data import put
from tests.integration.query_journeys import journeys

TODAY = date(2026, 11, 24)
BERLIN = ZoneInfo("Europe/Berlin")
ACME = Account("facebook", "1001", "Acme Coffee", "acme", datetime(2026, 1, 1, tzinfo=UTC), "Europe/Berlin")

Row = tuple[str, Mapping[str, Any]]
"""Table, and what is not zero in its row."""


def fill(connection: psycopg.Connection) -> None:
    """Everything, in a migrated and empty database."""
    upsert_accounts(connection, [ACME])
    for name, values in (*_members(), *_community(), *_comments(), *_posts(), *_pulse(), *_spikes()):
        if tables.load()[name].range_partitioned:
            moment = int(values["minute" if "minute" in values else "hour"].timestamp() * 1000)
            connection.execute("SELECT pipeline.ensure_partitions(%s, %s)", [name, [moment]])
        put(connection, name, {"platform": "facebook", "account_id": "1001", **values})
    for name, values in _money():
        put(connection, name, {"brand": "acme", **values})
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.editorial_plan (platform, account_id, slot_id, planned_at, pillar, title)"
            " VALUES ('facebook', '1001', %s, %s, %s, %s)",
            list(_slots()),
        )
        cursor.executemany(
            "INSERT INTO analytics.ambassador_codes (brand, kind, code, platform, actor_id, is_personal, source)"
            " VALUES ('acme', 'code', %s, 'facebook', %s, false, 'ambassadors.csv')",
            [("ann10", "ann"), ("gus5", "gus")],
        )
        cursor.executemany(
            "INSERT INTO analytics.imported_buyers (brand, platform, actor_id, customer_id, source)"
            " VALUES ('acme', 'facebook', %s, %s, 'buyers.csv')",
            [("gus", "customer 0"), ("cem", "customer 1"), ("eva", "customer 3")],
        )
        cursor.execute(
            "INSERT INTO pipeline.freshness (kind, name, platform, account_id, applied_at, complete_through)"
            " VALUES ('source', 'facebook:1001:comments', 'facebook', '1001', %s, %s)",
            [_at(24, 12), _at(24, 11, 50)],
        )
    for (view,) in connection.execute("SELECT matviewname FROM pg_matviews WHERE schemaname = 'analytics'").fetchall():
        connection.execute("SELECT pipeline.refresh_view(%s, true)", [view])


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    """Of November, in Berlin's time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


def _money() -> Iterator[Row]:
    """Two campaigns of November, orders of its last days, and who came for them."""
    for day, value in ((22, 30), (23, 45), (24, 60)):
        told = _ad("beans", 21, 20, purchase_value_micros=value * 1_000_000)
        yield "ad_fact_history", told | {"as_of": _at(day, 8)}
    for day in (21, 22, 23):
        sold = {"purchases_micros": 2_000_000, "purchase_value_micros": 60_000_000, "reactions": 5}
        yield "ad_facts", _ad("beans", day, 20, clicks=100, link_clicks=80, **sold)
        yield "ad_facts", _ad("grinder", day, 50, clicks=40, link_clicks=30, purchases_micros=1_000_000)
        for campaign, count in (("beans", 2), ("grinder", 1)):
            yield "ad_results", _claim(campaign, day, count)
    for campaign, budget in (("beans", 600), ("grinder", 150)):
        span = {"starts_at": _at(21, 0), "ends_at": datetime(2026, 12, 1, tzinfo=BERLIN)}
        row = {"kind": "campaign", "entity_id": campaign, "name": campaign, "as_of": _at(1, 0), **span, **_ADS}
        yield "ad_entities", row | {"lifetime_budget_micros": budget * 1_000_000}
    for campaign, figures in (
        ("beans", {"reach": 600, "reactions": 15, "shares": 1}),
        ("grinder", {"reach": 900, "reactions": 7}),
    ):
        place = {"kind": "ad", "entity_id": f"{campaign} ad", "as_of": _at(1, 0)}
        yield "ad_entities", _ADS | place | {"post_platform": "facebook", "post_account_id": "1001", "post_id": "early"}
        yield "ad_facts", _ad(campaign, 22, 60, **figures) | {"period": "lifetime", "day": None}
    for day, touches in ((21, 70), (22, 75), (23, 72)):
        came = {"site_id": "shop", "source": "meta", "medium": "paid", "day": date(2026, 11, day)}
        yield "touches_by_campaign_day", came | {"campaign": "beans", "campaign_id": "beans", "touches": touches}
    astray = {"site_id": "shop", "source": "meta", "medium": "paid", "day": date(2026, 11, 23)}
    yield "touches_by_campaign_day", astray | {"campaign": "xmas", "campaign_id": "of the agency", "touches": 3}
    orders = list(_orders())
    yield from (("conversions", order) for order in orders)
    yield from journeys(orders)


def _orders() -> Iterator[dict[str, Any]]:
    for number, (day, gross, refunded) in enumerate(((21, 90, 0), (22, 120, 120), (22, 60, 0), (23, 80, 20))):
        shop = {"source": "shopify", "shop_id": "acme", "order_id": str(number), "currency": "EUR", "status": "paid"}
        sums = {"gross_micros": gross * 1_000_000, "refunded_micros": refunded * 1_000_000}
        when = {"ordered_at": _at(day, 12), "day": date(2026, 11, day), "net_micros": (gross - refunded) * 1_000_000}
        told = {"event_name": "purchase", "customer_id": f"customer {number}"}
        yield shop | sums | when | told | {"discount_codes": _CODES.get(number, [])}


_CODES = {0: ["ann10"], 2: ["gus5"], 3: ["ann10"]}
"""Number of an order -> its codes."""
_ADS = {"platform": "meta_ads", "ad_account_id": "act"}


def _claim(campaign: str, day: int, count: int) -> dict[str, Any]:
    """Purchases that the platform claims for a day of a campaign's one ad."""
    place = {name: _ad(campaign, day, 0)[name] for name in ("level", "entity_id", "period", "breakdown", "day")}
    told = {"family": "purchase", "attribution_window": "default", "count_micros": count * 1_000_000}
    return _ADS | place | told


def _ad(campaign: str, day: int, spend: int, **figures: int) -> dict[str, Any]:
    """A day of a campaign's one ad; money in euros."""
    of = date(2026, 11, day)
    place = {"level": "ad", "entity_id": f"{campaign} ad", "period": f"day:{of}", "breakdown": "", "day": of}
    told = {"campaign_id": campaign, "currency": "EUR", "zone": "Europe/Berlin", "as_of": _at(day + 1, 8)}
    return _ADS | place | told | {"spend_micros": spend * 1_000_000, **figures}


def _members() -> Iterator[Row]:
    every_other = [TODAY - timedelta(days=2 * n) for n in range(40)]
    both = ["level", "advocacy"]
    yield _member("ann", every_other, level=9, shares=5, mentions=1, comments=12, reasons=both)
    yield _member("ben", every_other[1:30], level=7, shares=2, reactions=9, reasons=both)
    yield _member("cem", every_other[:32], level=8, comments=20, reasons=["level"])
    yield _member("dee", [date(2026, 11, 2), date(2026, 11, 9)], level=7, shares=1, reasons=["level"])
    yield _member("eva", [date(2026, 8, 3), date(2026, 8, 10)], level=0, reactions=4)
    yield _member("fay", [date(2026, 7, 20)], level=0, reactions=1)
    yield _member("gus", [date(2026, 9, 1), date(2026, 11, 20)], level=3, comments=2)
    yield _member("hal", [date(2026, 11, 23)], level=1, reactions=1)
    yield _member("ida", [date(2026, 9, day) for day in range(1, 11)], level=4, comments=9)
    yield _member("jon", [date(2026, 11, day) for day in range(2, 13)], level=4, comments=3)


def _member(actor: str, days: Sequence[date], *, level: int, reasons: Iterable[str] = (), **standing: int) -> Row:
    """`standing`: interactions that stand; `days`: those with engagement, from which the rest follows."""
    first, last = min(days), max(days)
    monday = first - timedelta(days=first.weekday())
    reasons = list(reasons)
    return "community_members", {
        "actor_id": actor,
        **standing,
        "first_seen_day": first,
        "last_seen_day": last,
        "active_days": len(days),
        "recent_days": _bits((last - day).days for day in days),
        "active_weeks": _bits((day - monday).days // 7 for day in days),
        "level": level,
        "is_ambassador": len(reasons) == 2,
        "ambassador_reasons": reasons,
    }


def _bits(places: Iterable[int]) -> int:
    """Set bits of 64, in two's complement."""
    unsigned = sum(1 << place for place in set(places) if place < 64)
    return unsigned - (1 << 64 if unsigned >> 63 else 0)


def _community() -> Iterator[Row]:
    rings = {
        date(2026, 10, 26): (58, 20, 4, 1),
        date(2026, 10, 27): (60, 20, 4, 1),
        date(2026, 11, 23): (70, 24, 5, 1),
        date(2026, 11, 24): (72, 24, 6, 2),
    }
    for number, (day, (exploring, participating, contributing, leading)) in enumerate(rings.items()):
        people = {
            "exploring": exploring,
            "participating": participating,
            "contributing": contributing,
            "leading": leading,
        }
        commitment = exploring + 16 * participating + 49 * contributing + 100 * leading
        active = {"active_1d": 30 + number, "active_7d": 60 + number, "active_28d": 80 + 10 * number}
        yield "community_by_account_day", {"day": day, **people, "commitment": commitment, **active}
    for week, (new, returning, reactivated) in enumerate([(9, 20, 1), (12, 25, 2), (6, 31, 4)]):
        seen = {"new_engagers": new, "returning_engagers": returning, "reactivated_engagers": reactivated}
        yield "community_by_account_day", {"day": date(2026, 11, 4 + 7 * week), **seen}
    for day, followers in ((date(2026, 10, 26), 2000), (date(2026, 11, 22), 2100), (date(2026, 11, 24), 2200)):
        known = {"metric": "followers", "scope": "total", "value": followers, "value_state": "known"}
        yield "account_metrics_day", {"day": day, **known, "platform_as_of": _at(24, 6), "observed_as_of": _at(24, 6)}


def _comments() -> Iterator[Row]:
    waiting = (("c1", "ann", _at(20, 9, 15)), ("c2", "gus", _at(22, 18)), ("c3", None, _at(24, 8, 30)))
    for comment, actor, asked in waiting:
        permalink = f"https://facebook.example/{comment}"
        named = {"actor_id": actor, "permalink": permalink, "needs_answer": True}
        yield "inbound_comments", {"comment_id": comment, "post_id": "late", "asked_at": asked, **named}
    answered = ((11, 10, 30), (12, 10, 60), (13, 21, 600), (17, 10, 20), (18, 10, 40), (19, 11, 45))
    for number, (day, hour, minutes) in enumerate(answered, start=4):
        asked = _at(day, hour)
        reply = {"answered_at": asked + timedelta(minutes=minutes), "answer_id": f"a{number}", "actor_id": "cem"}
        yield "inbound_comments", {"comment_id": f"c{number}", "post_id": "early", "asked_at": asked, **reply}
    hidden = {"is_hidden": True, "actor_id": "jon"}
    yield "inbound_comments", {"comment_id": "spam", "post_id": "late", "asked_at": _at(21, 3), **hidden}


def _posts() -> Iterator[Row]:
    """Ten weeks of photos on Tuesday mornings and videos on Friday evenings, half of whose likes come in the first hour
    and a fifth on the next day, and two posts of the last days."""
    for week in range(10):
        tuesday = datetime(2026, 9, 8, 9, 5, tzinfo=BERLIN) + timedelta(weeks=week)
        yield from _post(f"tuesday-{week}", tuesday, "added_photos", ["coffee"], likes=20 + week, reach=1000)
        friday = datetime(2026, 9, 11, 17, 5, tzinfo=BERLIN) + timedelta(weeks=week)
        yield from _post(f"friday-{week}", friday, "added_video", ["behindthebar"], likes=50 + 2 * week, reach=2000)
        for post, begins, likes in ((f"tuesday-{week}", tuesday, 20 + week), (f"friday-{week}", friday, 50 + 2 * week)):
            for hours, tenths in ((0, 5), (5, 3), (30, 2)):
                hour = begins.replace(minute=0) + timedelta(hours=hours)
                yield "engagement_by_post_hour", {"post_id": post, "hour": hour, "likes": likes * tenths // 10}
    yield from _post("early", _at(20, 17, 2), "added_video", ["behindthebar", "coffee"], likes=90, reach=2500)
    yield from _post("late", _at(22, 12), "shared_story", [], likes=400, reach=None)
    for post, begins, gathered in (("early", _at(20, 17, 2), (30, 20, 40)), ("late", _at(22, 12), (20, 180, 200))):
        for likes, hours in zip(gathered, (0, 5, 30), strict=True):
            minute = begins + timedelta(hours=hours)
            yield "engagement_by_post_minute", {"post_id": post, "minute": minute, "likes": likes}
            hour = minute.replace(minute=0)
            yield "engagement_by_post_hour", {"post_id": post, "hour": hour, "likes": likes}
    for reaction, number in (("like", 220), ("angry", 120), ("haha", 60)):
        yield "reactions_by_post", {"post_id": "late", "reaction": reaction, "reactions": number}
    yield "reactions_by_post", {"post_id": "early", "reaction": "love", "reactions": 90}


def _post(
    post: str, published: datetime, format_: str, hashtags: Sequence[str], *, likes: int, reach: int | None
) -> Iterator[Row]:
    content = {"format": format_, "hashtags": list(hashtags), "text_length": 10 * likes}
    address = {"permalink": f"https://facebook.example/{post}"}
    yield "posts", {"post_id": post, "published_at": published, **content, **address}
    yield "engagement_by_post", {"post_id": post, "likes": likes, "comments": 1, "shares": 1}
    if reach is not None:
        told = {
            "metric": "reach",
            "scope": "total",
            "value": reach,
            "value_state": "known",
            "observed_as_of": published,
        }
        yield "post_metrics", {"post_id": post, **told}


def _pulse() -> Iterator[Row]:
    for week, likes in enumerate((70, 84, 77, 420)):
        for day in range(7):
            counts = {"likes": likes // 7, "likes_removed": 1, "comments": 2, "shares": 1, "unique_engagers": 12}
            yield "engagement_by_account_day", {"day": date(2026, 10, 26) + timedelta(weeks=week, days=day), **counts}
    yield "engagement_by_account_hour", {"hour": _at(24, 11), "likes": 9}
    yield "engagement_by_account_minute", {"minute": _at(24, 11, 49), "likes": 1}


def _spikes() -> Iterator[Row]:
    usual = {"median": 4.0, "mad": 2.0, "baseline": "weeks", "baseline_hours": 4}
    for hour, engagements, z, severity in (
        (17, 30, 8.77, "high"),
        (18, 60, 18.89, "extreme"),
        (19, 20, 5.4, "notable"),
    ):
        judged = {"scope": "post", "subject": "late", "engagements": engagements, "z": z, "severity": severity}
        yield "engagement_anomalies", {"hour": _at(22, hour), **judged, **usual}


def _slots() -> Iterator[tuple[str, datetime, str | None, str]]:
    yield "s1", _at(10, 9), "Beans", "Harvest in Huila"
    yield "s2", _at(13, 17), "People", "Meet the barista"
    yield "s3", _at(17, 9), "Beans", "Roast levels"
    yield "s4", _at(20, 17), "People", "Closing time"
    yield "s5", _at(27, 17), "People", "Opening time"
