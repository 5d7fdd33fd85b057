"""`python -m bench.peers [ENGINE ...]`: measure the engines in turn, compare them with ours, print, keep."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click

from bench import machine, report
from bench.peers import field, measure
from bench.peers.check import Verdict, verdict
from bench.peers.engines import ENGINES, Absent
from bench.peers.measure import Measured
from bench.peers.oracle import Oracle, Rows
from bench.report import Figure, Outcome
from deploy.local import process
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack
from runtime.settings import variable

OURS = "ours"


class Run(NamedTuple):
    """One run of an engine over so many deliveries."""

    deliveries: int
    measured: Measured
    verdict: Verdict
    load: tuple[float, float]


class Field:
    """A broker, and the workload in the lengths that were asked for. Everything else lies in `directory`."""

    def __init__(self, stack: LocalStack, directory: Path) -> None:
        self._stack = stack
        self._directory = directory
        self._expected: dict[int, dict[str, Rows]] = {}
        self._runs = 0

    def run(self, name: str, deliveries: int) -> Run:
        """Run an engine on topics of its own, and compare what it wrote."""
        engine = ENGINES[name]
        expected = self._loaded(deliveries)
        self._runs += 1
        run = f"{name}-{self._runs}"
        state = self._directory / run
        state.mkdir()
        bootstrap = self._stack.bootstrap_servers
        given = {
            "BOOTSTRAP": bootstrap,
            variable("kafka_bootstrap_servers"): bootstrap,
            "SOURCE": _source(deliveries),
            "RUN": run,
            "EVENTS": str(deliveries),
            "STATE_DIR": str(state),
        }
        command = engine.command(state)
        environment = {**process.inherited_environment(), **engine.environment, **given}
        log = self._directory / f"{run}.log"
        with field.output_topics(bootstrap, run):
            before = machine.load()
            measured = measure.run(command, environment, log, self._stack.services["kafka"].pid or 0)
            after = machine.load()
            return Run(deliveries, measured, verdict(bootstrap, run, field.PARTITIONS, expected), (before, after))

    def _loaded(self, deliveries: int) -> dict[str, Rows]:
        if deliveries not in self._expected:
            oracle = Oracle()
            field.load(self._stack.bootstrap_servers, _source(deliveries), 0, deliveries, oracle)
            self._expected[deliveries] = oracle.tables()
        return self._expected[deliveries]


def _source(deliveries: int) -> str:
    return f"engagement-5-{deliveries}"


@contextmanager
def prepared() -> Iterator[Field]:
    """A field, in a directory that is deleted in the end."""
    with (
        tempfile.TemporaryDirectory(prefix="engagement-peers-") as name,
        LocalStack(Path(name) / "stack", settings=LocalSettings.load()) as stack,
    ):
        stack.start("kafka")
        yield Field(stack, Path(name))


def outcome(name: str, runs: list[Run], ours: list[Run]) -> Outcome:
    """What an engine's runs say, by themselves and beside ours."""
    millions = runs[0].deliveries / 1e6
    figures = [
        Figure("CPU, first delivery to exit", "s a million", [_cpu_a_million(run) for run in runs]),
        Figure("CPU, first delivery to last", "s a million", [run.measured.cpu / millions for run in runs]),
        Figure("deliveries", "a second", [_rate(run) for run in runs]),
        Figure("CPU before the first delivery", "s", [run.measured.cpu_before for run in runs]),
        Figure("CPU of the broker", "s a million", [run.measured.broker_cpu / millions for run in runs]),
        Figure("peak memory", "MiB", [run.measured.peak_memory_mib for run in runs]),
        Figure("records written", "a million", [run.verdict.records / millions for run in runs]),
    ]
    if ours and name != OURS:
        cpu = median(map(_cpu_a_million, runs)) / median(map(_cpu_a_million, ours))
        rate = median(map(_rate, ours)) / median(map(_rate, runs))
        figures += [Figure("CPU, as a multiple of ours", "x", [cpu]), Figure("our speed, as a multiple", "x", [rate])]
    rows = sum(run.verdict.rows for run in runs)
    wrong = sum(run.verdict.faults for run in runs)
    load = min(run.load[0] for run in runs), max(run.load[1] for run in runs)
    return Outcome(f"peers/{name}", runs[0].deliveries, rows, wrong, figures, load=load)


def _cpu_a_million(run: Run) -> float:
    return run.measured.cpu_to_exit / run.deliveries * 1e6


def _rate(run: Run) -> float:
    return run.deliveries / run.measured.seconds


@click.command()
@click.argument("engines", nargs=-1, type=click.Choice(sorted(ENGINES)))
@click.option("--events", "-n", type=click.IntRange(1), default=1_000_000, show_default=True, help="Deliveries.")
@click.option("--runs", type=click.IntRange(1), default=1, show_default=True, help="Runs of each engine, in turn.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default=report.RESULTS, help="Keep there.")
def main(engines: tuple[str, ...], events: int, runs: int, output: Path) -> None:
    """Measure ENGINES, or all of them, one after the other. Slow ones get the beginning of the workload."""
    chosen = [name for name in ENGINES if name in (engines or ENGINES)]
    done: dict[str, list[Run]] = {}
    with prepared() as place:
        for _ in range(runs):
            for name in list(chosen):
                try:
                    run = place.run(name, min(events, ENGINES[name].most or events))
                except Absent as error:
                    click.echo(f"{name} is skipped: {error}", err=True)
                    chosen.remove(name)
                    continue
                done.setdefault(name, []).append(run)
                click.echo(f"{name}: {_cpu_a_million(run):.1f} CPU s a million, {_rate(run):,.0f} a second", err=True)
    outcomes = [outcome(name, found, done.get(OURS, [])) for name, found in done.items()]
    for one in outcomes:
        click.echo("\n".join(one.lines()))
    if any(one.wrong for one in outcomes):
        sys.exit(1)
    click.echo(f"kept in {report.save(outcomes, output)}")


if __name__ == "__main__":
    main()
