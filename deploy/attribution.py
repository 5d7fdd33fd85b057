"""`engagement attribution explain`: a purchase, the touches that led to it, and what each model makes of them."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from processors.attribution import models
from processors.attribution.credits import WHOLE
from runtime.cli import EXIT_FAILED
from runtime.settings import PostgresSettings

ORDERS = (
    "SELECT * FROM analytics.conversions WHERE %(id)s IN"
    " (order_id, source || ':' || order_id, source || ':' || shop_id || ':' || order_id)"
    " ORDER BY brand, source, shop_id"
)
CREDITS = (
    "SELECT touch_id, model, channel, campaign, touched_at, units, value_micros FROM analytics.attribution_credits"
    " WHERE (brand, source, shop_id, order_id) = (%s, %s, %s, %s) ORDER BY touched_at, touch_id"
)
MICRO = 1_000_000
SHORT = 10
"""So much of a touch's id is shown."""

Row = dict[str, Any]


@click.group()
def attribution() -> None:
    """Say why a purchase is credited as it is."""


@attribution.command()
@click.argument("conversion_id")
def explain(conversion_id: str) -> None:
    """Show the journey of CONVERSION_ID and every model's credits.

    CONVERSION_ID is an order's id, as ORDER, SOURCE:ORDER or SOURCE:SHOP:ORDER. Exit 1 if there is none.
    """
    settings = PostgresSettings.load()
    with psycopg.connect(settings.postgres_dsn.get_secret_value(), row_factory=dict_row) as connection:
        orders = connection.execute(ORDERS, {"id": conversion_id}).fetchall()
        if not orders:
            click.echo(f"there is no conversion {conversion_id}", err=True)
            sys.exit(EXIT_FAILED)
        console = Console() if sys.stdout.isatty() else Console(width=160)
        for order in orders:
            key = [order[name] for name in ("brand", "source", "shop_id", "order_id")]
            show(console, order, connection.execute(CREDITS, key).fetchall())


def show(console: Console, order: Row, credits: Sequence[Row]) -> None:
    """Print one order; `credits` in the order of touches."""
    console.print("\n".join(_headline(order)), markup=False)
    if not credits:
        console.print(f"Credited to nobody: {_why_nobody(order)}", markup=False)
        return
    console.print(_journey(credits))
    console.print(_shares(credits, order["currency"]))
    for name, model in models.load().items():
        console.print(f"{name}: {model.why}", markup=False)


def _headline(order: Row) -> Iterator[str]:
    who = order["customer_id"] or order["visitor_id"] or "nobody known"
    yield f"{order['source']}:{order['shop_id']}:{order['order_id']} of brand {order['brand']}, by {who}"
    yield (
        f"{order['status']} {order['event_name']} of {order['ordered_at'].isoformat()}:"
        f" {_money(order['gross_micros'])} {order['currency']}, given back {_money(order['refunded_micros'])},"
        f" net {_money(order['net_micros'])}"
    )
    if order["discount_codes"]:
        yield f"with the codes {', '.join(order['discount_codes'])}"


def _why_nobody(order: Row) -> str:
    if order["status"] != "paid":
        return f"it is {order['status']}; only paid orders are."
    if order["event_name"] != "purchase":
        return "only purchases are."
    if not order["customer_id"] and not order["visitor_id"]:
        return "nothing says who bought."
    return "no touch of theirs lies within the look-back, after the purchase before it."


def _journey(credits: Sequence[Row]) -> Table:
    table = Table("", "touch", "when", "channel", "campaign", title="Journey", title_justify="left")
    for place, touch in enumerate(_touches(credits), start=1):
        table.add_row(
            str(place), touch["touch_id"][:SHORT], touch["touched_at"].isoformat(), touch["channel"], touch["campaign"]
        )
    return table


def _shares(credits: Sequence[Row], currency: str) -> Table:
    touches = _touches(credits)
    numbers = [str(place) for place in range(1, len(touches) + 1)]
    table = Table("model", *numbers, title=f"Credits by touch, in % and {currency}", title_justify="left")
    given = {(credit["model"], credit["touch_id"]): credit for credit in credits}
    for model in sorted({credit["model"] for credit in credits}):
        cells = [given.get((model, touch["touch_id"])) for touch in touches]
        table.add_row(model, *("-" if cell is None else _share(cell) for cell in cells))
    return table


def _share(credit: Row) -> str:
    return f"{100 * credit['units'] / WHOLE:.2f} % {_money(credit['value_micros'])}"


def _touches(credits: Sequence[Row]) -> list[Row]:
    return list({credit["touch_id"]: credit for credit in credits}.values())


def _money(micros: int) -> str:
    return f"{micros / MICRO:.2f}"
