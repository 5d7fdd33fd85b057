"""What a marketer reads about one purchase."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from deploy.attribution import attribution
from processors.attribution import models
from sinks.postgres import migrate
from tests.integration.view_rows import Rows

ORDER = {"brand": "acme", "source": "shopify", "shop_id": "s1", "order_id": "1001"}
AT = dt.datetime(2026, 9, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def rows(postgres_dsn: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rows]:
    """Committed, for the command looks by itself; taken away again."""
    migrate.migrate(postgres_dsn)
    monkeypatch.setenv("ENGAGEMENT_POSTGRES_DSN", postgres_dsn)
    with psycopg.connect(postgres_dsn, autocommit=True, row_factory=psycopg.rows.dict_row) as connection:
        yield Rows(connection)
        connection.execute("TRUNCATE analytics.conversions, analytics.attribution_credits")


def bought(rows: Rows, **values: Any) -> None:
    order = {"event_name": "purchase", "status": "paid", "ordered_at": AT, "day": AT.date(), "currency": "EUR"}
    money = {"gross_micros": 50_000_000, "refunded_micros": 10_000_000, "net_micros": 40_000_000}
    rows.add_only("conversions", **ORDER, **(order | money | {"customer_id": "ann"} | values))


def credited(rows: Rows, model: str, touch: str, units: int, **values: Any) -> None:
    row = {"channel": "email", "campaign": "spring", "touched_at": AT, "ordered_at": AT, "currency": "EUR"}
    rows.add_only("attribution_credits", **ORDER, touch_id=touch, model=model, units=units, **(row | values))


def explained(name: str) -> str:
    result = CliRunner().invoke(attribution, ["explain", name])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", ["1001", "shopify:1001", "shopify:s1:1001"])
def test_the_journey_and_every_models_credits_are_shown(rows: Rows, name: str) -> None:
    bought(rows)
    credited(rows, "linear", "touch-one", 5 * 10**11, value_micros=20_000_000, touched_at=AT - dt.timedelta(days=1))
    credited(rows, "linear", "touch-two", 5 * 10**11, value_micros=20_000_000, channel="direct", campaign="")
    credited(rows, "last_touch", "touch-two", 10**12, value_micros=40_000_000)
    told = explained(name)
    assert "net 40.00" in told
    assert "50.00 % 20.00" in told
    assert "100.00 % 40.00" in told
    assert told.index("touch-one") < told.index("touch-two")
    assert all(model.why and model.why in told for model in models.load().values())


def test_the_codes_of_an_order_are_shown_if_it_bears_any(rows: Rows) -> None:
    bought(rows, discount_codes=["autumn", "lena10"])
    assert "with the codes autumn, lena10" in explained("1001")
    rows.connection.execute("UPDATE analytics.conversions SET discount_codes = '{}'")
    assert "codes" not in explained("1001")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"status": "cancelled"}, "it is cancelled"),
        ({"event_name": "lead"}, "only purchases"),
        ({"customer_id": None}, "who bought"),
        ({}, "no touch of theirs"),
    ],
)
def test_what_is_credited_to_nobody_says_why(rows: Rows, order: dict[str, Any], reason: str) -> None:
    bought(rows, **order)
    assert reason in explained("1001")


def test_what_there_is_not_cannot_be_explained(rows: Rows) -> None:
    result = CliRunner().invoke(attribution, ["explain", "1001"])
    assert result.exit_code == 1
