"""`python -m bench [--quick] [STAGE ...]`: measure, compare, print, keep."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import click

from bench import attribution, end_to_end, fold, machine, processor, recovery, reload, report, sink, webhooks
from bench.field import FULL, QUICK, Sizes
from bench.loaded import Loaded, loaded
from bench.report import Outcome

ALONE: dict[str, Callable[[Sizes], Outcome]] = {
    "fold": fold.run,
    "reload": reload.run,
    "attribution": attribution.run,
    "webhooks": webhooks.run,
    "end-to-end": end_to_end.run,
}
OVER_THE_LOG: dict[str, Callable[[Loaded], Outcome]] = {
    "processor": processor.run,
    "sink": sink.run,
    "recovery": recovery.run,
}
"""Stages that share one stack whose event topic holds the workload."""

STAGES = ("fold", "reload", "attribution", *OVER_THE_LOG, "webhooks", "end-to-end")


@click.command()
@click.argument("stages", nargs=-1, type=click.Choice(STAGES))
@click.option("--quick", is_flag=True, help="Small sizes, one run each: shows that it works, not how fast.")
@click.option("--runs", type=click.IntRange(1), help="Runs of each stage.")
@click.option("--events", type=click.IntRange(1), help="Events of the workload.")
@click.option("--interactions", type=click.IntRange(1), help="Interactions that are read back.")
@click.option("--people", type=click.IntRange(1), help="People whose touches are attributed.")
@click.option("--orders", type=click.IntRange(1), help="Their orders.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Keep the results there.")
def main(
    stages: tuple[str, ...],
    quick: bool,
    runs: int | None,
    events: int | None,
    interactions: int | None,
    people: int | None,
    orders: int | None,
    output: Path | None,
) -> None:
    """Measure STAGES, or all of them. Results of full runs go to bench/results, if nothing is wrong."""
    sizes = QUICK if quick else FULL
    sizes = replace(sizes, runs=runs or sizes.runs, events=events or sizes.events)
    sizes = replace(sizes, interactions=interactions or sizes.interactions, people=people or 0, orders=orders or 0)
    outcomes = []
    for outcome in _measured([name for name in STAGES if name in (stages or STAGES)], sizes):
        click.echo("\n".join(outcome.lines()))
        outcomes.append(outcome)
    if any(outcome.wrong for outcome in outcomes):
        sys.exit(1)
    if output is not None or not (quick or stages):
        click.echo(f"kept in {report.save(outcomes, output or report.RESULTS)}")


def _measured(names: list[str], sizes: Sizes) -> Iterator[Outcome]:
    with ExitStack() as stack:
        field: Loaded | None = None
        for name in names:
            before = machine.load()
            if name in ALONE:
                stack.close()
                field = None
                outcome = ALONE[name](sizes)
            else:
                field = field or stack.enter_context(loaded(sizes))
                outcome = OVER_THE_LOG[name](field)
            outcome.load = (before, machine.load())
            yield outcome


if __name__ == "__main__":
    main()
