"""The `engagement` command: a table of subcommands, each imported only when it is called.

So `engagement sink` needs no Faust, and `--help` needs nothing. A command parses, builds, calls and returns
an exit code: 0 done, 1 failed (a mismatch, a wrong setting), 2 wrong usage, 70 stopped on purpose because
state could be wrong (the supervisor restarts it, and it recovers).
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from runtime.health import ask
from runtime.settings import MetricsSettings, SettingsError

EXIT_FAILED = 1
EXIT_FAIL_STOP = 70

COMMANDS: dict[str, tuple[str, str]] = {
    "ambassadors": ("deploy.imports.cli:ambassadors", "Import whose discount codes and links are whose."),
    "attribution": ("deploy.attribution:attribution", "Say why a purchase is credited as it is."),
    "buyers": ("deploy.imports.cli:buyers", "Import who of a platform buys."),
    "config": ("deploy.settings:config", "Show or check the effective settings; secrets are masked."),
    "db": ("sinks.cli:db", "Migrate the database, check that it is migrated, refresh its views."),
    "dead-letters": ("ingest.cli:dead_letters", "List, show and replay records that could not be read."),
    "demo": (
        "deploy.local.demo:demo",
        "Run everything against a simulator and compare each row with the truth.",
    ),
    "doctor": ("deploy.local.cli:doctor", "Look for what would keep the pipeline from running here."),
    "down": ("deploy.local.cli:down", "Stop what `up` started."),
    "erase": ("deploy.erase:erase", "Make a person nobody: their rows and dead letters go, the counts stay."),
    "health": (
        "runtime.cli:health",
        "Ask a running process whether it is ready; container health checks use it.",
    ),
    "ingest": ("ingest.cli:ingest", "Receive webhooks, poll the platforms, write ticks."),
    "plan": ("sinks.plan.cli:plan", "Import the editorial plan, or list what became of it."),
    "process": ("processors.cli:process", "Fold events into aggregates."),
    "rates": ("sinks.rates.cli:rates", "Import rates of exchange."),
    "rebuild": (
        "processors.cli:rebuild",
        "Recompute a processor's tables from the topics, as a new generation.",
    ),
    "simulate": ("ingest.simulator.cli:simulate", "Serve the platforms' wire shapes from a seeded world."),
    "sink": ("sinks.cli:sink", "Write aggregates to PostgreSQL or expose them to Prometheus."),
    "status": ("deploy.local.cli:status", "Addresses, lag, freshness and dead letters of what `up` runs."),
    "topics": ("ingest.cli:topics", "Create the topics, or check that they are as declared."),
    "up": ("deploy.local.cli:up", "Run the whole stack on this machine until Ctrl-C."),
}


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Importing makes much that stays and little garbage: looking for it takes a fifth of a worker's start."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class LazyGroup(click.Group):
    """A group whose subcommands are named by `module:attribute` and imported when they are called."""

    def __init__(self, table: dict[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        module, _, attribute = self._table[cmd_name][0].partition(":")
        try:
            with _nothing_collected():
                command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if error.name is None or error.name.partition(".")[0] == module.partition(".")[0]:
                raise  # a fault of ours; anything else is an extra that was left out
            raise click.ClickException(
                f"{cmd_name} needs {error.name}: pip install 'engagement-pipeline[local]'"
            ) from None
        assert isinstance(command, click.Command), f"{module}:{attribute} is not a command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(self._table.items())])


@click.command("health")
@click.argument("url", required=False)
def health(url: str | None) -> None:
    """Exit 0 if URL answers 200, else 1. Without URL: /readyz of the process whose settings these are."""
    if url is None:
        settings = MetricsSettings.load()
        host = "127.0.0.1" if settings.metrics_host in ("0.0.0.0", "::") else settings.metrics_host  # noqa: S104
        url = f"http://{host}:{settings.metrics_port}/readyz"
    ready, answer = ask(url)
    click.echo(answer, err=not ready)
    if not ready:
        sys.exit(EXIT_FAILED)


engagement = LazyGroup(
    COMMANDS, name="engagement", help="Organic and paid social engagement, from platforms to tables."
)


def main() -> None:
    """Run the command line; wrong settings are lines to read, not a traceback."""
    try:
        engagement(prog_name="engagement")
    except SettingsError as error:
        click.echo(f"wrong settings:\n{error}", err=True)
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
