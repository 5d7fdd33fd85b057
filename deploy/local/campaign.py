"""`make campaign`: storms, kills and frozen workers, each run compared row by row with the truth ledger.

Resumable: a run is one JSON line in the results, and a run that has its line is not repeated.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from deploy.local.drain import PROCESSOR
from deploy.local.evidence import percentile
from deploy.local.kills import Blow, Killer, schedule
from deploy.local.process import StackError
from deploy.local.simulator import World
from deploy.local.summary import print_mismatches
from deploy.local.trial import Trial
from ingest.simulator import shows
from runtime.cli import EXIT_FAILED

RESULTS = Path("bench/results/campaign.jsonl")
SECOND = f"{PROCESSOR}-2"
STORM_SECONDS = KILL_SECONDS = 30.0
BOTH_LEGS = "facebook,market"
PAID_PROCESSOR = "processor-paid"
FREEZE = Blow(8.0, PROCESSOR, "freeze", seconds=16.0)
"""Longer than the session of a processor, which is ten seconds."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the campaign, named by what it is about."""

    name: str
    world: World
    workers: int = 1
    blows: list[Blow] = field(default_factory=list)


def runs() -> Iterator[Run]:
    """Ten storms over all sources, one over each alone; kills of each service, and of all at once; frozen workers."""
    for seed in range(1, 11):
        yield Run(f"storm-{seed}", World(STORM_SECONDS, seed, "storm", sources="all"))
    for name in shows.load():
        yield Run(f"storm-of-{name}", World(STORM_SECONDS, 11, "storm", sources=name))
    all_of_them = ("webhooks", "poller", PROCESSOR, SECOND, PAID_PROCESSOR, "sink-postgres", "kafka", "postgres")
    for seed, (name, workers, services) in enumerate(
        (
            ("webhooks", 1, ("webhooks",) * 8),
            ("poller", 1, ("poller",) * 8),
            ("one-worker", 1, (PROCESSOR,) * 8),
            ("paid-worker", 1, (PAID_PROCESSOR,) * 8),
            ("two-workers", 2, (PROCESSOR, SECOND) * 4),
            ("sink", 1, ("sink-postgres",) * 8),
            ("broker", 1, ("kafka",) * 5),
            ("postgres", 1, ("postgres",) * 6),
            ("all", 2, all_of_them),
            ("all-again", 2, all_of_them),
        ),
        start=101,
    ):
        world = World(KILL_SECONDS, seed, "storm", sources=BOTH_LEGS)
        yield Run(f"kills-{name}", world, workers, schedule(seed, KILL_SECONDS, services))
    streams = World(KILL_SECONDS, 151, "storm", sources="bluesky")
    yield Run("kills-streamer", streams, 1, schedule(151, KILL_SECONDS, ("streamer",) * 8))
    for seed in (201, 202):
        yield Run(f"frozen-worker-{seed}", World(KILL_SECONDS, seed, "storm", sources=BOTH_LEGS), 2, [FREEZE])


def carry_out(run: Run, console: Console) -> dict[str, Any]:
    """The line of a run. Its directory is kept if rows are wrong."""
    started = time.monotonic()
    directory = Path(tempfile.mkdtemp(prefix=f"engagement-{run.name}-"))
    with Trial(directory, run.world, workers=run.workers) as trial:
        trial.start()
        killer = Killer(trial, run.blows)
        trial.play()
        killer.join()
        trial.drain()
        verdict = trial.judge()
    if verdict.mismatches:
        print_mismatches(console, verdict)
        console.print(f"{run.name}: kept in {directory}", soft_wrap=True)
    else:
        shutil.rmtree(directory, ignore_errors=True)
    latencies = verdict.evidence.latencies
    return {
        "run": run.name,
        "seed": run.world.seed,
        "faults": run.world.faults,
        "sources": run.world.sources,
        "played_seconds": run.world.seconds,
        "workers": run.workers,
        "blows": killer.dump(),
        "facts": verdict.state["facts"],
        "events": verdict.evidence.events,
        "tables": len(verdict.compared),
        "rows": verdict.rows,
        "mismatches": verdict.mismatches,
        "wrong": {name: one.wrong for name, one in verdict.compared.items() if one.wrong},
        "latency_seconds": {"p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99)},
        "fault_counts": verdict.state["faults"],
        "dead_letters": {reason: found for reason, (_, found) in verdict.letters.items()},
        "seconds": round(time.monotonic() - started, 1),
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """What a figure depends on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpus": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "load_1m": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


@click.command()
@click.option("--only", default="", help="Runs whose name begins so.")
@click.option("--results", type=click.Path(dir_okay=False, path_type=Path), default=RESULTS, show_default=True)
def main(only: str, results: Path) -> None:
    """Carry out every run that has no line yet; exit 1 if a row of any run is wrong, or a run has no line then."""
    console = Console()
    results.parent.mkdir(parents=True, exist_ok=True)
    text = results.read_text(encoding="utf-8") if results.exists() else ""
    lines = {line["run"]: line for line in map(json.loads, text.splitlines())}
    chosen = [run for run in runs() if run.name.startswith(only)]
    for run in chosen:
        if run.name in lines:
            continue
        try:
            line = lines[run.name] = carry_out(run, console)
        except StackError as error:
            console.print(f"{run.name}: did not come to its end: {error}", style="red", soft_wrap=True)
            continue
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        console.print(f"{run.name}: rows={line['rows']} mismatches={line['mismatches']} in {line['seconds']:.0f} s")
        for blow in line["blows"]:
            console.print(f"    {blow['at']:6.2f} s  {blow['service']}: {blow['act']}, {blow['hit']}")
    if any(run.name not in lines or lines[run.name]["mismatches"] for run in chosen):
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
