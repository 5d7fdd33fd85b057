"""Figures: medians with their spread, shown only for runs without a wrong row, and kept as JSON."""

import datetime as dt
import json
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench import machine

RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Figure:
    """`values`: one a run. `at_most`, `at_least`: what the median is to reach."""

    name: str
    unit: str
    values: list[float]
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether there is a target that the median misses."""
        middle = median(self.values)
        return (self.at_most is None or middle <= self.at_most) and (self.at_least is None or middle >= self.at_least)

    def __str__(self) -> str:
        text = f"{self.name:<46} {_shown(median(self.values)):>10} {self.unit}"
        if len(self.values) > 1:
            text += f"  ({_shown(min(self.values))} to {_shown(max(self.values))}, {len(self.values)} runs)"
        if self.at_most is not None or self.at_least is not None:
            bound = f"<= {self.at_most:g}" if self.at_most is not None else f">= {self.at_least:g}"
            text += f"  target {bound}: {'met' if self.is_met else 'MISSED'}"
        return text

    def as_json(self) -> dict[str, Any]:
        spread = {"median": median(self.values), "min": min(self.values), "max": max(self.values)}
        target = {"at_most": self.at_most, "at_least": self.at_least}
        known = {name: value for name, value in target.items() if value is not None}
        return {"name": self.name, "unit": self.unit, "runs": len(self.values)} | spread | known


@dataclass(slots=True)
class Outcome:
    """What a stage found. `rows` were compared with the oracle; any that is `wrong` voids the figures."""

    stage: str
    events: int
    rows: int
    wrong: int
    figures: list[Figure]
    notes: dict[str, Any] = field(default_factory=dict)
    load: tuple[float, float] = (0.0, 0.0)

    def lines(self) -> Iterable[str]:
        yield (
            f"{self.stage}: {self.events:,} events, {self.rows:,} rows compared, rows wrong = {self.wrong}"
            f"  [load {self.load[0]} to {self.load[1]}]"
        )
        if self.wrong:
            yield "  no figures: the rows are wrong"
            return
        yield from (f"  {figure}" for figure in self.figures)
        yield from (f"  {name}: {value}" for name, value in self.notes.items())

    def as_json(self) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "events": self.events,
            "rows": self.rows,
            "rows_wrong": self.wrong,
            "load_before_and_after": self.load,
            "figures": [] if self.wrong else [figure.as_json() for figure in self.figures],
            "notes": self.notes,
        }


def save(outcomes: Iterable[Outcome], directory: Path = RESULTS) -> Path:
    """Write one file for a run, named by its end."""
    now = dt.datetime.now(dt.UTC)
    revision = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    document = {
        "finished_at": now.isoformat(timespec="seconds"),
        "revision": revision.stdout.strip() or None,
        "machine": machine.facts(),
        "stages": [outcome.as_json() for outcome in outcomes],
    }
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"bench-{now:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
