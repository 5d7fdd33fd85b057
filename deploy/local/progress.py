"""The live display of a demo: what is made, sent, folded, applied, how far behind, and what goes wrong meanwhile."""

import time
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import requests
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from rich.live import Live
from rich.table import Table

from contracts import metrics
from deploy.local.observers import METRICS
from deploy.local.trial import Trial

REFRESH_SECONDS = 1.0


class Progress:
    """Phases are printed as lines; while the world plays, a table below them is kept up to date."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._started = time.monotonic()
        self._shown_at = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def stop(self) -> None:
        """Show nothing any more."""
        self._live.stop()

    def phase(self, text: str) -> None:
        """A new phase begins."""
        self._console.print(f"{time.monotonic() - self._started:5.0f} s  {text}", highlight=False)

    def watch(self, trial: Trial) -> Callable[[dict[str, Any]], None]:
        """A function that shows the trial, given the simulator's state; it is cheap to call too often."""

        def show(state: dict[str, Any]) -> None:
            if state and time.monotonic() - self._shown_at >= REFRESH_SECONDS:
                self._live.update(_table(state, _figures(trial)), refresh=True)
                self._shown_at = time.monotonic()

        return show


def _figures(trial: Trial) -> dict[str, float]:
    """The processes' own metrics, each summed over its labels and over the processes."""
    sums: dict[str, float] = defaultdict(float)
    for name, address in trial.stack.addresses.items():
        if name.startswith(METRICS):
            try:
                text = requests.get(f"{address}/metrics", timeout=1).text
            except requests.RequestException:
                continue  # it is being restarted
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    sums[sample.name] += sample.value
    return sums


def _table(state: dict[str, Any], figures: dict[str, float]) -> Table:
    applied = figures[f"{metrics.ROW_LATENCY.name}_count"]
    latency = figures[f"{metrics.ROW_LATENCY.name}_sum"] / applied if applied else 0.0
    lag = figures[metrics.PROCESSOR_LAG.name], figures[metrics.SINK_LAG.name]
    worst = sorted(state["faults"].items(), key=lambda fault: -fault[1])[:6]
    shown = {
        "facts made": state["facts"],
        "changes sent": state["changes_sent"],
        "answers": ", ".join(f"{count} x {status}" for status, count in sorted(state["answers"].items())),
        "records folded": int(figures[metrics.RECORDS_FOLDED.name]),
        "rows applied": int(figures[metrics.ROWS_APPLIED.name]),
        "behind": f"processor {int(lag[0])}, sink {int(lag[1])} records",
        "receipt to row": f"{latency:.2f} s on average",
        "faults": ", ".join(f"{fault} {count}" for fault, count in worst) or "none",
    }
    table = Table(show_header=False)
    for name, value in shown.items():
        table.add_row(name, str(value))
    return table
