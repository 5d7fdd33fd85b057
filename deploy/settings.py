"""`engagement config`: the settings of every stage as they are here. Needs nothing of the embedded stack."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import click

from contracts.config import InvalidConfig, parse
from ingest import platforms
from ingest import settings as ingest_settings
from runtime.cli import EXIT_FAILED
from runtime.settings import Settings, SettingsError, shown, variable

STAGES = ("ingest", "processors", "sinks")

of_stages = click.argument("stages", nargs=-1, type=click.Choice(STAGES))


@click.group("config")
def config() -> None:
    """Effective settings and the configuration file; secrets are masked."""


@config.command("show")
@of_stages
def show(stages: tuple[str, ...]) -> None:
    """Print the effective settings of STAGES, or of all; those that are wrong as remarks."""
    values, problems = examined(stages or STAGES)
    for name, value in sorted(values.items()):
        click.echo(f"{name}={value}")
    for problem in sorted(problems):
        click.echo(f"# {problem}")


@config.command("check")
@of_stages
def check(stages: tuple[str, ...]) -> None:
    """Report every wrong setting of STAGES, or of all, and of the configuration file. Exit 1 if there is one."""
    _, problems = examined(stages or STAGES)
    for problem in sorted(problems):
        click.echo(problem, err=True)
    if problems:
        sys.exit(EXIT_FAILED)
    click.echo("all settings are valid")


def examined(stages: Iterable[str]) -> tuple[dict[str, str], set[str]]:
    """Effective values by variable, and one line for everything that is wrong."""
    values: dict[str, str] = {}
    problems = set(_problems_of_the_file())
    for stage in stages:
        for settings in _settings(f"{stage}.settings"):
            try:
                values.update(shown(settings.load()))
            except SettingsError as error:
                problems.update(str(error).splitlines())
    return values, problems


def _settings(module: str) -> Iterator[type[Settings]]:
    """The settings that a stage declares, and those that the configured platforms add to them."""
    declared = import_module(module)
    for found in vars(declared).values():
        if isinstance(found, type) and issubclass(found, Settings) and found.__module__ == module:
            yield found
    if declared is ingest_settings:
        with suppress(SettingsError):  # what is wrong with the file is reported as such
            used = ingest_settings.configured(platforms.load(), ingest_settings.load_config()).values()
            yield ingest_settings.receiving(used)
            yield ingest_settings.polling(used)


def _problems_of_the_file() -> Iterator[str]:
    if path := os.environ.get(variable("config")):
        try:
            parse(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            yield f"{path}: {error.strerror}"
        except InvalidConfig as error:
            yield from (f"{path}: {problem}" for problem in error.problems)
