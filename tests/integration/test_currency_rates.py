"""Money of several currencies in one: at the rate of its own day, and unknown where there is none."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import psycopg
import pytest

from sinks.postgres import migrate
from tests.integration.view_rows import Rows

FILE = "Date,USD,GBP\n2026-09-18,1.25,0.8\n2026-09-25,1.2,N/A\n"
DAY = date(2026, 9, 20)


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    migrate.migrate(postgres_dsn)
    file = tmp_path_factory.mktemp("rates") / "rates.csv"
    file.write_text(FILE, encoding="utf-8")
    for _ in range(2):  # again is harmless
        assert imported(file, postgres_dsn).stdout == "5 rates of 2 days\n"
    return postgres_dsn


def imported(file: Path, dsn: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ENGAGEMENT_POSTGRES_DSN": dsn}
    command = [sys.executable, "-m", "runtime.cli", "rates", "import", str(file)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def converted(rows: Rows, micros: int, here: str, there: str, day: str) -> int | None:
    query = "SELECT analytics.converted_micros(%s, %s, %s, %s) AS micros"
    found = rows.connection.execute(query, [micros, here, there, day]).fetchone()
    assert found is not None
    value: int | None = found["micros"]
    return value


@pytest.mark.parametrize(
    ("here", "there", "day", "micros"),
    [
        ("EUR", "USD", "2026-09-18", 125),
        ("USD", "EUR", "2026-09-18", 80),
        ("GBP", "USD", "2026-09-20", 156),
        ("EUR", "USD", "2026-09-25", 120),
        ("EUR", "GBP", "2026-09-25", 80),
        ("EUR", "GBP", "2026-09-26", None),
        ("EUR", "USD", "2026-09-17", None),
        ("EUR", "JPY", "2026-09-18", None),
        ("JPY", "JPY", "2020-01-01", 100),
    ],
)
def test_the_last_rate_of_a_week_at_most_converts(
    rows: Rows, here: str, there: str, day: str, micros: int | None
) -> None:
    assert converted(rows, 100, here, there, day) == micros


def test_a_brands_day_is_added_up_in_one_currency_or_said_to_be_unknown(rows: Rows) -> None:
    order = {"source": "shopify", "shop_id": "s", "ordered_at": "2026-09-20T10:00Z", "day": DAY, "status": "paid"}
    for brand, currency, net in (("acme", "EUR", 100), ("acme", "USD", 250), ("other", "JPY", 7)):
        rows.add_only("conversions", **order, brand=brand, order_id=currency, currency=currency, net_micros=net)
    ad = {"brand": "acme", "platform": "meta_ads", "ad_account_id": "a", "level": "ad", "entity_id": "1", "day": DAY}
    rows.add_only(
        "ad_facts", **ad, period=f"day:{DAY}", campaign_id="c", currency="USD", zone="UTC", spend_micros=75, as_of=DAY
    )
    found = rows.connection.execute("SELECT * FROM analytics.brand_efficiency_in('EUR') ORDER BY brand").fetchall()
    assert [tuple(row.values()) for row in found] == [
        ("acme", DAY, 2, 300, 60, 5.0),
        ("other", DAY, 1, None, None, None),
    ]


def test_a_file_that_is_wrong_anywhere_is_not_imported(dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text("Date,CHF\n2026-09-18,0.9\nsoon,1\n", encoding="utf-8")
    done = imported(file, dsn)
    assert done.returncode == 1
    assert "wrong.csv: line 3" in done.stderr
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM analytics.currency_rates").fetchone() == (5,)
