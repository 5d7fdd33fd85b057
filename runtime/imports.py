"""What a command says that imports a file which people have made: what it changed, or why it changed nothing."""

import sys
from collections.abc import Iterable
from typing import NamedTuple, NoReturn

import click

from runtime.cli import EXIT_FAILED
from runtime.spreadsheet import Problem


class Changes(NamedTuple):
    """How many rows an import has touched, and how many it found as they were."""

    added: int
    changed: int
    unchanged: int
    removed: int


def report(changes: Changes) -> None:
    click.echo(", ".join(f"{number} {word}" for word, number in changes._asdict().items()))


def refuse(file: str, problems: Iterable[Problem]) -> NoReturn:
    """Say what is wrong with which line, and end."""
    for problem in problems:
        click.echo(f"{file}, line {problem.line}: {problem.text}", err=True)
    click.echo("nothing was imported", err=True)
    sys.exit(EXIT_FAILED)
