"""`engagement demo`: everything against a simulator, and each row compared with the truth."""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from deploy.local.evidence import percentile
from deploy.local.process import StackError
from deploy.local.progress import Progress
from deploy.local.simulator import World
from deploy.local.summary import print_mismatches, print_summary
from deploy.local.trial import Trial, Verdict
from ingest.simulator.cli import chosen
from ingest.simulator.faults import PLANS
from runtime.cli import EXIT_FAILED

PLAIN_WIDTH = 140
"""Columns where there is no terminal to ask."""


@click.command("demo")
@click.option(
    "--seconds", type=click.FloatRange(min=5), default=60.0, show_default=True, help="How long facts are made."
)
@click.option("--seed", type=int, default=7, show_default=True, help="What the world is drawn from.")
@click.option("--faults", type=click.Choice(list(PLANS)), default="mild", show_default=True)
@click.option("--sources", default="all", show_default=True, help="all, or platforms separated by commas.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the result there.")
def demo(seconds: float, seed: int, faults: str, sources: str, json_file: Path | None) -> None:
    """Run the whole pipeline against a simulated world, and compare every row with the truth ledger.

    Exit 0 only if nothing differs; else the run's directory with all logs is kept.
    """
    sources = ",".join(chosen(sources))
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    directory = Path(tempfile.mkdtemp(prefix="engagement-demo-"))
    try:
        verdict = _run(console, directory, World(seconds, seed, faults, sources=sources))
    except StackError as error:
        raise click.ClickException(str(error)) from None
    if json_file is not None:
        text = json.dumps(result(World(seconds, seed, faults, sources=sources), verdict), indent=1)
        json_file.write_text(text + "\n", encoding="utf-8")
    if verdict.mismatches:
        print_mismatches(console, verdict)
        console.print(f"logs and data are kept in {directory}", soft_wrap=True)
    else:
        shutil.rmtree(directory, ignore_errors=True)
    click.echo(f"reconciled: tables={len(verdict.compared)} rows={verdict.rows} mismatches={verdict.mismatches}")
    if verdict.mismatches:
        sys.exit(EXIT_FAILED)


def _run(console: Console, directory: Path, world: World) -> Verdict:
    started = time.monotonic()
    with Progress(console) as progress, Trial(directory, world, progress.phase) as trial:
        trial.start()
        trial.play(progress.watch(trial))
        trial.drain()
        verdict = trial.judge()
        progress.stop()
        print_summary(console, trial, verdict, time.monotonic() - started)
        return verdict


def result(world: World, verdict: Verdict) -> dict[str, Any]:
    """What `--json` writes. `fault_counts`: how often each fault took effect; `fault_minima`: and at least had to."""
    latencies = verdict.evidence.latencies
    return {
        "seed": world.seed,
        "faults": world.faults,
        "events": verdict.evidence.events,
        "seconds": world.seconds,
        "sources": world.sources.split(","),
        "tables": {name: {"rows": one.rows, "mismatches": one.wrong} for name, one in verdict.compared.items()},
        "latency_seconds": {"p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)},
        "facts": verdict.state["facts"],
        "seen_twice": verdict.seen_twice,
        "fault_counts": verdict.state["faults"],
        "fault_minima": verdict.state["minima"],
        "dead_letters": {reason: found for reason, (_, found) in verdict.letters.items()},
    }
