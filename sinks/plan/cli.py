"""The command `engagement plan`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import psycopg

from runtime import imports
from runtime.settings import PostgresSettings
from sinks.plan import from_csv, from_ical, store
from sinks.plan.slots import MAX_TOLERANCE, Calendar, Plan
from sinks.plan.store import Account

_READERS = {"csv": from_csv.read, "ical": from_ical.read}
_SUFFIXES = {".csv": "csv", ".ics": "ical", ".ical": "ical"}


class _AccountName(click.ParamType):
    name = "PLATFORM:ID"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Account:
        platform, _, account_id = value.partition(":")
        if not platform or not account_id:
            self.fail("for instance facebook:101275806400438", param, ctx)
        return Account(platform, account_id)


_account = click.option("--account", type=_AccountName(), required=True, help="Whose plan it is.")


@click.group()
def plan() -> None:
    """Import the editorial plan, or list what became of it."""


@plan.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_account
@click.option("--format", "format_", type=click.Choice(sorted(_READERS)), help="If FILE does not end in .csv or .ics.")
@click.option("--tolerance", type=click.IntRange(0, MAX_TOLERANCE), default=60, show_default=True, metavar="MINUTES")
@click.option("--replace", is_flag=True, help="Delete slots that an earlier FILE of this name had and this has not.")
def import_(file: Path, account: Account, format_: str | None, tolerance: int, replace: bool) -> None:
    """Write the slots of FILE (CSV or iCalendar) into the editorial plan of an account: all of them, or none.

    CSV has the columns planned_at and, as wanted, slot_id, tolerance_minutes, format, pillar, title. A time without
    an offset is in the account's zone. A day without a time means any time of that day.
    """
    format_ = format_ or _SUFFIXES.get(file.suffix.lower())
    if format_ is None:
        raise click.BadParameter("csv or ical? The name of FILE does not tell", param_hint="--format")
    with _database() as connection:
        calendar = Calendar(store.zone_of(connection, account), tolerance)
        slots, problems = _read(file, format_, calendar)
        if problems:
            imports.refuse(file.name, problems)
        changes = store.write(connection, account, slots, file.name, replace=replace)
    imports.report(changes)


@plan.command("list")
@_account
def list_(account: Account) -> None:
    """The slots of an account in their order, in its zone, and what became of each."""
    with _database() as connection:
        zone = store.zone_of(connection, account)
        for one in store.outcomes(connection, account):
            click.echo(_line(one, zone))


def _line(one: store.Outcome, zone: ZoneInfo) -> str:
    off = "" if one.minutes_off is None else f"{one.minutes_off:+.0f} min"
    about = " | ".join(part for part in (one.pillar, one.title) if part)
    return (
        f"{one.planned_at.astimezone(zone):%Y-%m-%d %H:%M}  {one.outcome:6}  {off:>9}  {one.slot_id}  {about}".rstrip()
    )


def _read(file: Path, format_: str, calendar: Calendar) -> Plan:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8: {error.reason}") from None
    return _READERS[format_](text, calendar)


@contextmanager
def _database() -> Iterator[psycopg.Connection]:
    dsn = PostgresSettings.load().postgres_dsn.get_secret_value()
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            yield connection
    except (store.UnknownAccount, psycopg.Error) as error:
        raise click.ClickException(str(error).strip()) from None
