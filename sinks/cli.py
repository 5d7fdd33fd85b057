"""The commands `engagement sink` and `engagement db`."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from contracts import config, tables
from contracts.config import Config, InvalidConfig
from runtime import logging
from runtime.cli import EXIT_FAIL_STOP, EXIT_FAILED
from runtime.logging import get_logger
from runtime.settings import SettingsError
from runtime.shutdown import stop_event
from sinks.records import Shard
from sinks.settings import DatabaseSettings, PostgresSinkSettings, PrometheusSinkSettings


@click.group(help="Write aggregates to PostgreSQL or expose them to Prometheus.")
def sink() -> None:
    """Holds the two sinks."""


@click.group(help="Migrate the database, check that it is migrated, refresh its views.")
def db() -> None:
    """Holds the database commands."""


@sink.command()
@click.option("--shard", default="0/1", metavar="I/N", help="Write only the partitions p with p % N = I.")
def postgres(shard: str) -> None:
    """Apply aggregates, freshness and dead letters to PostgreSQL until SIGTERM."""
    from runtime import health
    from runtime.instruments import Instruments
    from runtime.seal import Sealer
    from sinks.dead_letters import DeadLetters
    from sinks.postgres.session import LEASE_NAME
    from sinks.postgres.sink import Plan, PostgresSink

    try:
        part = Shard.parse(shard)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--shard") from None
    settings = PostgresSinkSettings.load()
    configuration = _configured(settings.config)
    plan = Plan(
        servers=settings.kafka_bootstrap_servers,
        dsn=settings.postgres_dsn.get_secret_value(),
        shard=part,
        accounts=configuration.accounts,
        keep_days={"minute": configuration.retention.postgres_minute_days, "hour": settings.postgres_hour_days},
        people_days=configuration.retention.people_days,
        refresh_seconds=settings.postgres_refresh_seconds,
    )
    logging.configure(LEASE_NAME)
    sealer = Sealer.of(settings.seal_key)
    letters = DeadLetters(plan.servers, LEASE_NAME, sealer)
    instruments, healthy = Instruments(), health.Health("kafka", "postgres")
    with health.serve(healthy, instruments.registry, settings):
        try:
            PostgresSink(plan, letters, healthy, instruments, stop_event()).run()
        except Exception as error:  # noqa: BLE001 - whatever it is, state could be wrong: the supervisor restarts us
            _fail_stop(error)


@sink.command()
def prometheus() -> None:
    """Expose interactions, people and followers of each account until SIGTERM."""
    from runtime import health
    from runtime.instruments import Instruments
    from sinks.prometheus import exporter

    settings = PrometheusSinkSettings.load()
    if settings.metrics_port == 0:
        raise SettingsError("ENGAGEMENT_METRICS_PORT: required, since this sink is read there")
    logging.configure(exporter.SERVICE)
    instruments, healthy = Instruments(), health.Health("kafka")
    with health.serve(healthy, instruments.registry, settings):
        try:
            exporter.run(settings.kafka_bootstrap_servers, instruments, healthy, stop_event())
        except Exception as error:  # noqa: BLE001 - as above
            _fail_stop(error)


@db.command()
def migrate() -> None:
    """Apply the migrations that are missing, and write the configured accounts."""
    import psycopg

    from sinks.postgres import migrate as migrations

    settings = DatabaseSettings.load()
    dsn = settings.postgres_dsn.get_secret_value()
    accounts = _configured(settings.config).accounts
    try:
        applied = migrations.migrate(dsn)
        with psycopg.connect(dsn, autocommit=True) as connection:
            migrations.upsert_accounts(connection, accounts)
    except (migrations.SchemaMismatch, psycopg.Error) as error:
        _fail(error)
    click.echo("\n".join(f"applied {name}" for name in applied) or "nothing to apply")


@db.command()
def check() -> None:
    """Exit 1 unless exactly the migrations of this version are applied."""
    import psycopg

    from sinks.postgres import migrate as migrations

    settings = DatabaseSettings.load()
    try:
        with psycopg.connect(settings.postgres_dsn.get_secret_value(), autocommit=True) as connection:
            migrations.check(connection)
    except (migrations.SchemaMismatch, psycopg.Error) as error:
        _fail(error)
    click.echo("migrated")


@db.command()
def refresh() -> None:
    """Refresh the materialised views whose tables got rows since; the sink does it every minute."""
    import psycopg

    from sinks.postgres import refresher

    settings = DatabaseSettings.load()
    try:
        with psycopg.connect(settings.postgres_dsn.get_secret_value(), autocommit=True) as connection:
            refreshed = refresher.refresh_changed(connection)
    except psycopg.Error as error:
        _fail(error)
    click.echo("\n".join(f"refreshed {name}" for name in refreshed) or "nothing to refresh")


@db.command()
@click.argument("names", nargs=-1)
def draft(names: tuple[str, ...]) -> None:
    """Print the SQL of the declared tables NAMES, or of all: the beginning of a migration."""
    from sinks.postgres import statements

    declared = tables.load()
    if unknown := sorted(set(names) - declared.keys()):
        raise click.BadParameter(f"not declared: {', '.join(unknown)}", param_hint="NAMES")
    click.echo("\n".join(statements.created(declared[name]) for name in names or declared), nl=False)


def _configured(path: Path | None) -> Config:
    if path is None:
        return Config()
    try:
        return config.parse(path.read_text(encoding="utf-8"))
    except (OSError, InvalidConfig) as error:
        raise SettingsError(f"ENGAGEMENT_CONFIG: {error}") from None


def _fail(error: Exception) -> NoReturn:
    click.echo(str(error).strip(), err=True)
    sys.exit(EXIT_FAILED)


def _fail_stop(error: Exception) -> NoReturn:
    get_logger().error("fail_stopped", error=str(error), kind=type(error).__name__, exc_info=error)
    sys.exit(EXIT_FAIL_STOP)
