"""Ads, visitors and orders through Kafka to the tables, over kills of the processor and a rebuild: no row is wrong."""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg
import pytest
from kafka import KafkaProducer

from contracts import codec, topics
from contracts.config import Partitions
from contracts.paid import AdResult, Hints, PaidFact
from deploy.local import drain
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack
from ingest.records import Records
from tests.property import paid_by_hand
from tests.property.paying import HOUR_MS, NOON, ZONES, entity, fact, link, order, refund, touch

pytestmark = pytest.mark.timeout(600)

FACTS = 6000
KILLS = 4
CONFIG = f"""
[brands.acme]
name = "Acme"

[[accounts]]
platform = "shopify"
id = "s1"
name = "Shop"
brand = "acme"
connected_at = 2026-01-01T00:00:00Z
zone = "{ZONES["shopify", "s1"]}"

[[sites]]
id = "w1"
brand = "acme"
write_keys = ["{"k" * 16}"]
zone = "{ZONES["web", "w1"]}"
"""
QUERIES = {
    "ad_facts": "SELECT entity_id, period, breakdown, spend_micros, reach, purchases_micros, purchase_value_micros,"
    " is_provisional, (extract(epoch FROM as_of) * 1000)::bigint FROM analytics.ad_facts",
    "ad_fact_history": "SELECT entity_id, period, breakdown, (extract(epoch FROM as_of) * 1000)::bigint, spend_micros,"
    " reach, purchases_micros, purchase_value_micros, is_provisional FROM analytics.ad_fact_history",
    "ad_results": "SELECT entity_id, period, breakdown, family, attribution_window, count_micros, value_micros"
    " FROM analytics.ad_results",
    "ad_entities": "SELECT entity_id, name, (extract(epoch FROM as_of) * 1000)::bigint FROM analytics.ad_entities",
    "touches_by_campaign_day": "SELECT source, medium, campaign, campaign_id, day::text, touches, clicks, views,"
    " without_consent, bots FROM analytics.touches_by_campaign_day",
    "conversions": "SELECT source, order_id, status, (extract(epoch FROM ordered_at) * 1000)::bigint, day::text,"
    " currency, gross_micros, refunded_micros, net_micros, refunds, other_refunds, customer_id, visitor_id,"
    " is_new_customer, discount_codes, utm_source, utm_campaign, campaign_id, click_ids, landing, order_version"
    " FROM analytics.conversions",
    "identity_links": "SELECT link_id, visitor_id, customer_id, (extract(epoch FROM linked_at) * 1000)::bigint"
    " FROM analytics.identity_links",
}
KEY_COLUMNS = {
    "ad_facts": 3,
    "ad_fact_history": 4,
    "ad_results": 5,
    "ad_entities": 1,
    "touches_by_campaign_day": 5,
    "conversions": 2,
    "identity_links": 1,
}


def days(chance: random.Random) -> Iterator[PaidFact]:
    """A few busy days, told out of order, with repeats and corrections."""
    for _ in range(FACTS):
        at = NOON + chance.randrange(72) * HOUR_MS
        match chance.randrange(6):
            case 0:
                results = tuple(
                    AdResult(family, "default", chance.randrange(9), chance.choice([None, 5_000_000]))
                    for family in chance.sample(("purchase", "lead"), chance.randrange(3))
                )
                yield fact(
                    entity_id=f"ad{chance.randrange(40)}",
                    window=chance.choice(["day:2026-09-20", "day:2026-09-21", "lifetime"]),
                    breakdown=chance.choice(["", "", "country=DE"]),
                    as_of=at,
                    spend_micros=chance.randrange(4),
                    reach=chance.choice([None, 3]),
                    provisional=chance.random() < 0.5,
                    results=results,
                )
            case 1:
                yield entity(as_of=at, name=chance.choice(["A", "B", None]))
            case 2:
                hints = Hints(source=chance.choice([None, "meta"]), campaign_id=chance.choice([None, "c1"]))
                yield touch(
                    touch_id=f"t{chance.randrange(600)}",
                    kind=chance.choice(["click", "view", "visit"]),
                    occurred_at=at,
                    consent=chance.choice(["granted", "denied"]),
                    bot=chance.choice([None, None, "headless"]),
                    hints=hints,
                )
            case 3:
                yield order(
                    source=chance.choice(["shopify", "web"]),
                    order_id=f"o{chance.randrange(200)}",
                    version=chance.randrange(1, 5),
                    status=chance.choice(["pending", "paid", "paid", "cancelled"]),
                    ordered_at=at,
                    gross_micros=chance.randrange(100, 200),
                    refunded_micros=chance.choice([0, 0, 40]),
                    customer_id=chance.choice([None, "c1", "c2"]),
                    is_deleted=chance.random() < 0.1,
                )
            case 4:
                yield refund(
                    source=chance.choice(["shopify", "web"]),
                    order_id=f"o{chance.randrange(200)}",
                    refund_id=f"r{chance.randrange(3)}",
                    version=chance.randrange(1, 3),
                    refunded_at=at,
                    amount_micros=chance.randrange(50),
                    has_failed=chance.random() < 0.2,
                    is_total=chance.random() < 0.2,
                )
            case _:
                yield link(link_id=f"l{chance.randrange(100)}", customer_id=chance.choice(["c1", "c2"]), at=at)


def by_hand(told: Sequence[PaidFact]) -> dict[str, paid_by_hand.Table]:
    return {
        **paid_by_hand.ads(told),
        "ad_entities": paid_by_hand.entities(told),
        "touches_by_campaign_day": paid_by_hand.touches(told, ZONES["web", "w1"]),
        "conversions": paid_by_hand.conversions(told, {"shopify": ZONES["shopify", "s1"], "web": "UTC"}),
        "identity_links": paid_by_hand.links(told),
    }


def rows(stack: LocalStack) -> dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]:
    found = {}
    with psycopg.connect(stack.dsn("reader")) as connection:
        for name, query in QUERIES.items():
            keys = KEY_COLUMNS[name]
            found[name] = {row[:keys]: row[keys:] for row in connection.execute(query.encode()).fetchall()}
    return found


def flushes(stack: LocalStack) -> int:
    """How often the processor has committed what the tables show."""
    with psycopg.connect(stack.dsn("reader")) as connection:
        found = connection.execute(
            "SELECT sum(next_offset) FROM pipeline.applied_positions WHERE processor = 'paid'"
        ).fetchone()
    return int(found[0] or 0) if found else 0


def send(stack: LocalStack, told: Sequence[PaidFact]) -> None:
    records = Records(Partitions())
    with closing(KafkaProducer(bootstrap_servers=stack.bootstrap_servers, linger_ms=5)) as producer:
        for one in map(records.of_fact, told):
            producer.send(one.topic, key=one.key, value=one.value, partition=one.partition)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    directory = tmp_path_factory.mktemp("paid")
    config = directory / "engagement.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with LocalStack(directory / "stack", settings=LocalSettings.load(config=config)) as stack:
        stack.start("processor-paid", "sink-postgres")
        yield stack


def test_kills_and_a_rebuild_leave_every_row_as_it_should_be(stack: LocalStack) -> None:
    told = list(days(random.Random(7)))
    part = len(told) // (KILLS + 1)
    for number in range(KILLS + 1):
        before = flushes(stack)
        send(stack, told[number * part :] if number == KILLS else told[number * part : (number + 1) * part])
        if number < KILLS:
            until_flushed(stack, before)
            stack.services["processor-paid"].kill()
    drain.wait(stack)
    assert rows(stack) == by_hand(told)
    assert all(rows(stack).values())
    drain.tick(stack, NOON + 79 * HOUR_MS)  # also to the partition without a brand, which has no generation before
    drain.wait(stack)
    assert drain.run(stack, "processor-paid", "rebuild", "paid") == 0
    drain.tick(stack, NOON + 80 * HOUR_MS)
    drain.wait(stack, paid=1)
    assert rows(stack) == by_hand(told)


def test_a_record_in_a_brands_wrong_partition_or_of_no_form_is_a_dead_letter(stack: LocalStack) -> None:
    strange = Records(Partitions()).of_fact(touch(touch_id="elsewhere"))
    with closing(KafkaProducer(bootstrap_servers=stack.bootstrap_servers)) as producer:
        producer.send(strange.topic, key=strange.key, value=strange.value, partition=1 - strange.partition)
        producer.send(topics.AD_FACTS.name, key=b"acme", value=b"{}", partition=strange.partition)
        producer.send(
            topics.AD_FACTS.name,
            key=b"acme",
            value=codec.encode(fact(zone="Europe/Atlantis")),
            partition=strange.partition,
        )
    drain.wait(stack, paid=1)
    with psycopg.connect(stack.dsn("writer")) as connection:
        found = connection.execute("SELECT reason FROM pipeline.dead_letters ORDER BY reason").fetchall()
    assert [reason for (reason,) in found] == ["foreign_partition", "invalid_record", "invalid_record"]


def until_flushed(stack: LocalStack, before: int) -> None:
    deadline = time.monotonic() + 60
    while flushes(stack) <= before:
        assert time.monotonic() < deadline, f"nothing is flushed: see {stack.data_dir / 'logs'}"
        time.sleep(0.05)
