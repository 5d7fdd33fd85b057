"""Visitors and customers who are erased go from the rows that the processors have let go of, and from no other."""

import pytest

from contracts.events import SCHEMA, Erasure
from sinks.postgres import privacy
from tests.integration.view_rows import Rows

NOON = 1_790_000_000_000
BEFORE, AFTER = "2026-09-20T00:00Z", "2026-09-24T00:00Z"
ORDER = {"brand": "acme", "source": "shopify", "shop_id": "s", "day": "2026-09-20"}


@pytest.fixture
def rows(rows: Rows) -> Rows:
    for number, at in enumerate((BEFORE, AFTER), start=1):
        people = {"customer_id": "ann", "visitor_id": "v1"}
        rows.add_only("conversions", **ORDER, **people, order_id=f"o{number}", ordered_at=at, net_micros=7)
        rows.add_only("identity_links", brand="acme", link_id=f"l{number}", linked_at=at, **people)
    return rows


def erase(rows: Rows, platform: str, person: str) -> None:
    privacy.write_erasures(rows.connection, [Erasure(SCHEMA, f"e-{platform}", platform, person, NOON)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("platform", "orders"),
    [
        ("customer", [("o1", None, "v1", 7), ("o2", "ann", "v1", 7)]),
        ("visitor", [("o1", "ann", None, 7), ("o2", "ann", "v1", 7)]),
    ],
)
def test_what_is_from_before_the_erasure_names_nobody_any_more(
    rows: Rows, platform: str, orders: list[tuple[object, ...]]
) -> None:
    erase(rows, platform, "ann" if platform == "customer" else "v1")
    assert rows.read("conversions", "order_id", "customer_id", "visitor_id", "net_micros") == orders
    assert rows.read("identity_links", "link_id") == [("l2",)]


def test_a_person_of_a_platform_by_the_same_name_is_another(rows: Rows) -> None:
    erase(rows, "facebook", "ann")
    assert rows.read("conversions", "customer_id") == [("ann",), ("ann",)]
    assert len(rows.read("identity_links", "link_id")) == 2


@pytest.fixture
def listed(rows: Rows) -> Rows:
    """Ann has a code on two platforms, and is two customers; each was imported before and after the erasure."""
    for platform in ("facebook", "bluesky"):
        for at in (BEFORE, AFTER):
            rows.connection.execute(
                "INSERT INTO analytics.ambassador_codes VALUES"
                " ('acme', 'code', %s, %s, 'ann', true, 'list', %s), ('acme', 'link', %s, %s, 'bob', true, 'list', %s)",
                [f"{platform} {at}", platform, at] * 2,
            )
            rows.connection.execute(
                "INSERT INTO analytics.imported_buyers VALUES (%s, %s, 'ann', 'c-ann', 'list', %s),"
                " (%s, %s, 'bob', 'c-bob', 'list', %s)",
                [at, platform, at] * 2,
            )
    return rows


def test_whose_code_it_was_and_who_bought_goes_with_a_person_of_a_platform(listed: Rows) -> None:
    erase(listed, "facebook", "ann")
    assert listed.read("ambassador_codes", "actor_id", "code") == [
        ("ann", f"bluesky {BEFORE}"),
        ("ann", f"bluesky {AFTER}"),
        ("ann", f"facebook {AFTER}"),
        *[("bob", f"{platform} {at}") for platform in ("bluesky", "facebook") for at in (BEFORE, AFTER)],
    ]
    assert listed.read("imported_buyers", "platform", "brand", where="actor_id = 'ann'") == [
        ("bluesky", BEFORE),
        ("bluesky", AFTER),
        ("facebook", AFTER),
    ]
    assert len(listed.read("imported_buyers", "brand", where="actor_id = 'bob'")) == 4


def test_who_a_customer_is_goes_with_the_customer(listed: Rows) -> None:
    erase(listed, "customer", "c-ann")
    erase(listed, "visitor", "c-bob")
    assert listed.read("imported_buyers", "actor_id", "platform", "brand") == [
        ("ann", "bluesky", AFTER),
        ("ann", "facebook", AFTER),
        *[("bob", platform, at) for platform in ("bluesky", "facebook") for at in (BEFORE, AFTER)],
    ]
    assert len(listed.read("ambassador_codes", "code")) == 8


def test_the_logs_of_a_customer_forget_later(rows: Rows) -> None:
    erase(rows, "customer", "ann")
    query = "SELECT logs_expire_at - requested_at AS days FROM pipeline.erasures"
    assert [row["days"].days for row in rows.connection.execute(query).fetchall()] == [401]
