"""The command `engagement rates`."""

from pathlib import Path

import click
import psycopg

from runtime.settings import PostgresSettings
from sinks.rates import from_csv
from sinks.rates.from_csv import Rate

_UPSERT = """
    INSERT INTO analytics.currency_rates (currency, day, units, source) VALUES (%s, %s, %s, %s)
    ON CONFLICT (currency, day) DO UPDATE
    SET units = excluded.units, source = excluded.source, imported_at = now()
"""


@click.group()
def rates() -> None:
    """Import rates of exchange."""


@rates.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--base", default="EUR", show_default=True, help="What the rates are for one unit of.")
def import_(file: Path, base: str) -> None:
    """Write the rates of FILE into analytics.currency_rates: all of them, or none.

    FILE is a CSV with a day in the first column and a currency in each other one, such as the history that the
    European Central Bank publishes. A rate of the same currency and day is replaced.
    """
    try:
        found = from_csv.read(file.read_bytes().decode("utf-8-sig"), base)
    except (UnicodeDecodeError, from_csv.Unreadable) as error:
        raise click.ClickException(f"{file.name}: {error}") from None
    dsn = PostgresSettings.load().postgres_dsn.get_secret_value()
    try:
        with psycopg.connect(dsn) as connection:
            write(connection, found, file.name)
    except psycopg.Error as error:
        raise click.ClickException(str(error).strip()) from None
    days = {rate.day for rate in found}
    click.echo(f"{len(found)} rates of {len(days)} days")


def write(connection: psycopg.Connection, found: list[Rate], source: str) -> None:
    """Insert or replace them, in the open transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [(*rate, source) for rate in found])
