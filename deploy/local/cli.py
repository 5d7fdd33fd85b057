"""`engagement up|down|status|doctor`: the embedded stack for people. Parses, builds, calls, prints."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from deploy import secrets as secret_files
from deploy.local import doctor as examination
from deploy.local import simulator
from deploy.local import status as reported
from deploy.local.process import StackError, is_running
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack
from runtime.cli import EXIT_FAILED
from runtime.settings import variable
from runtime.shutdown import stop_event

STOP_SECONDS = 120.0

in_directory = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data"),
    show_default=True,
    help="Where the stack keeps everything.",
)


@click.command("up")
@in_directory
@click.option("--simulate", is_flag=True, help="Feed it from a seeded simulator in place of the platforms.")
def up(data_dir: Path, simulate: bool) -> None:
    """Run the whole stack on this machine until Ctrl-C."""
    stop, world = stop_event(), simulator.World(sources="all")
    try:
        with LocalStack(data_dir, secrets=dict(_given_secrets())) as stack:
            if simulate:
                simulator.prepare(stack, world)
            click.echo(f"starting in {stack.data_dir}; Ctrl-C stops it")
            stack.start()
            if simulate:
                stack.run(simulator.spec(stack, world))
            _print_addresses(stack.addresses, stack.dsn("reader"))
            stop.wait()
            click.echo("stopping")
    except StackError as error:
        raise click.ClickException(str(error)) from None


@click.command("down")
@in_directory
def down(data_dir: Path) -> None:
    """Stop what `up` started in the directory, and wait for it."""
    try:
        pid = int(reported.running(data_dir)["pid"])
        os.kill(pid, signal.SIGTERM)
    except StackError:
        click.echo(f"nothing runs in {data_dir}")
        return
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(pid):
        if time.monotonic() > deadline:
            raise click.ClickException(f"process {pid} does not stop")
        time.sleep(0.1)
    click.echo("stopped")


@click.command("status")
@in_directory
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(data_dir: Path, as_json: bool) -> None:
    """Addresses, processes, sources, lag, freshness and dead letters. Exit 1 if a process is not ready."""
    try:
        known = reported.running(data_dir)
    except StackError as error:
        raise click.ClickException(str(error)) from None
    dsn = reported.reader_dsn(known, LocalSettings.load())
    found = reported.collect(known, dsn)
    if as_json:
        click.echo(json.dumps({"dsn": dsn, **found}, default=str, indent=1))
    else:
        _print_addresses(found["addresses"], dsn)
        _print_status(found)
    if found["unreachable"] or not all(found["processes"].values()):
        sys.exit(EXIT_FAILED)


@click.command("doctor")
@in_directory
def doctor(data_dir: Path) -> None:
    """Look for what would keep the pipeline from running here. Exit 1 if there is something to mend."""
    settings = LocalSettings.load()
    try:
        known = reported.running(data_dir)
        addresses, dsn = known["addresses"], reported.reader_dsn(known, settings)
        settings = settings.model_copy(update={"config": Path(known["config"])})
    except StackError:
        addresses, dsn = {}, None
    is_fine = True
    for finding in examination.examine(settings, data_dir, addresses, dsn):
        is_fine &= finding.is_fine
        click.echo(f"{'ok  ' if finding.is_fine else 'MEND'}  {finding.check:<16} {finding.detail}")
    if not is_fine:
        sys.exit(EXIT_FAILED)


def _given_secrets() -> Iterator[tuple[str, str]]:
    """Secrets that the caller's settings hold become the stack's secret files."""
    for name in (*secret_files.chosen_by_us(), *secret_files.chosen_by_others()):
        if value := os.environ.get(variable(name)):
            yield name, value
        elif path := os.environ.get(f"{variable(name)}_FILE"):
            yield name, Path(path).read_text(encoding="utf-8").strip()


def _print_addresses(addresses: dict[str, str], dsn: str) -> None:
    for name, address in sorted(addresses.items()):
        click.echo(f"{name:<28} {address}")
    click.echo(f"{'database (reader)':<28} {dsn}")


def _print_status(found: reported.Status) -> None:
    lines = {
        "processes": [(name, "ready" if ready else "NOT READY") for name, ready in found["processes"].items()],
        "lag in records": [
            (f"{who} {what}", n) for who, topics in (found["lag"] or {}).items() for what, n in topics.items()
        ],
        "sources: complete through": [(row["name"], _time(row["complete_through"])) for row in found["sources"] or ()],
        "sources: what is wrong": [
            (row["source"], f"{row['state']}: {row['problem']} since {_time(row['since'])}")
            for row in found["problems"] or ()
        ],
        "tables: newest event": [(row["name"], _time(row["newest_event_at"])) for row in found["freshness"] or ()],
        "dead letters": list((found["dead_letters"] or {}).items()),
        "unreachable": [tuple(what.split(": ", 1)) for what in found["unreachable"]],
    }
    for title, rows in lines.items():
        if rows:
            click.echo(f"\n{title}")
        for name, value in rows:
            click.echo(f"  {name:<48} {value}")


def _time(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "unknown"
