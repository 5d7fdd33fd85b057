"""The commands `engagement ambassadors` and `engagement buyers`."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import psycopg
from pydantic import Field, SecretStr

from deploy.aliases import first_names
from deploy.imports import lists, store
from deploy.imports.lists import Buyer, Code, Naming, Read
from ingest.kafka import KafkaAway
from ingest.settings import load_config
from runtime import imports
from runtime.settings import ConfigSettings, KafkaSettings, PostgresSettings

_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_replace = click.option(
    "--replace", is_flag=True, help="Delete what an earlier FILE of this name had and this has not."
)


class ImportSettings(PostgresSettings, KafkaSettings, ConfigSettings):
    """What it takes to name people as ingest does; Kafka knows who was renamed when the identity key was changed."""

    identity_key: SecretStr = Field(min_length=1)


@click.group()
def ambassadors() -> None:
    """Import whose discount codes and links are whose."""


@click.group()
def buyers() -> None:
    """Import who of a platform buys."""


@ambassadors.command("import")
@_file
@_replace
def import_ambassadors(file: Path, replace: bool) -> None:
    """Write the codes and links of FILE into analytics.ambassador_codes: all of them, or none.

    FILE is a CSV with the columns brand, kind (code: a discount code; link: the utm_campaign of a link), code,
    platform, person (the platform's own id) and, as wanted, personal: yes, if only they themselves use it. The same
    code again replaces. People become pseudonyms; their ids are not kept.
    """
    _import(Code, lists.ambassadors, file, replace)


@buyers.command("import")
@_file
@_replace
def import_buyers(file: Path, replace: bool) -> None:
    """Write the buyers of FILE into analytics.imported_buyers: all of them, or none.

    FILE is a CSV with the columns brand, platform, person (the platform's own id), and email or phone. People and
    addresses become pseudonyms; neither ids nor addresses are kept.
    """
    _import(Buyer, lists.buyers, file, replace)


def _import(
    kind: type[Code | Buyer], read: Callable[[str, Naming], Read[Code] | Read[Buyer]], file: Path, replace: bool
) -> None:
    settings = ImportSettings.load()
    known = partial(first_names, settings.kafka_bootstrap_servers)
    naming = Naming.of(load_config(), settings.identity_key.get_secret_value(), known)
    try:
        found = read(file.read_bytes().decode("utf-8-sig"), naming)
    except KafkaAway:
        raise click.ClickException("Kafka does not answer: who was renamed is known there") from None
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file.name} is not UTF-8: {error.reason}") from None
    if found.problems:
        imports.refuse(file.name, found.problems)
    try:
        with psycopg.connect(settings.postgres_dsn.get_secret_value()) as connection:
            changes = store.write(connection, kind, found.rows, file.name, replace=replace)
    except psycopg.Error as error:
        raise click.ClickException(str(error).strip()) from None
    imports.report(changes)
