"""Visitors and customers who are erased go from the rows that the processors have let go of, and from no other."""

from collections.abc import Iterator

import pytest

from contracts.events import SCHEMA, Erasure
from sinks.postgres import migrate, privacy
from tests.integration.view_rows import Rows, undone

NOON = 1_790_000_000_000
BEFORE, AFTER = "2026-09-20T00:00Z", "2026-09-24T00:00Z"
ORDER = {"brand": "acme", "source": "shopify", "shop_id": "s", "day": "2026-09-20"}


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str) -> str:
    migrate.migrate(postgres_dsn)
    return postgres_dsn


@pytest.fixture
def rows(dsn: str) -> Iterator[Rows]:
    with undone(dsn) as rows:
        for number, at in enumerate((BEFORE, AFTER), start=1):
            people = {"customer_id": "ann", "visitor_id": "v1"}
            rows.add_only("conversions", **ORDER, **people, order_id=f"o{number}", ordered_at=at, net_micros=7)
            rows.add_only("identity_links", brand="acme", link_id=f"l{number}", linked_at=at, **people)
        yield rows


def erase(rows: Rows, platform: str, person: str) -> None:
    privacy.write_erasures(rows.connection, [Erasure(SCHEMA, "e", platform, person, NOON)])  # type: ignore[arg-type]


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


def test_the_logs_of_a_customer_forget_later(rows: Rows) -> None:
    erase(rows, "customer", "ann")
    query = "SELECT logs_expire_at - requested_at AS days FROM pipeline.erasures"
    assert [row["days"].days for row in rows.connection.execute(query).fetchall()] == [401]
