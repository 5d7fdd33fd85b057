"""What a panel, a row and a dashboard are: data, without a word of Grafana's JSON (that is `render`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

GOOD, WARNING, BAD, NEUTRAL = "green", "orange", "red", "blue"

OUTCOME_COLOURS: Mapping[str, str] = {
    "accepted": GOOD,
    "ok": GOOD,
    "connected": GOOD,
    "redirected": GOOD,
    "disconnected": WARNING,
    "partly": WARNING,
    "refused": WARNING,
    "limited": WARNING,
    "unwritten": WARNING,
    "refreshed": GOOD,
    "unchanged": GOOD,
    "unreadable": WARNING,
    "rejected": WARNING,
    "retry": WARNING,
    "wait": WARNING,
    "smaller": WARNING,
    "refuse": WARNING,
    "unauthorized": BAD,
    "unavailable": BAD,
    "unreachable": BAD,
    "forbidden": BAD,
    "reauthorise": BAD,
    "failed": BAD,
}
"""One colour an outcome on every panel that shows outcomes: success is never red, failure never green."""


@dataclass(frozen=True, slots=True)
class Prom:
    """A PromQL query; `legend` may name labels as {{label}}."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Sql:
    """A PostgreSQL query, indented as its author likes.

    `is_series`: its first column is time; a column metric (text) names the series, else each column is one.
    """

    sql: str
    is_series: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel. `doc` says what is counted and what is not. Heights and widths in Grafana's grid of 24.

    `limits`: from where a value is a warning and from where it is bad. `units` by column overrides `unit` in a table.
    A grid is a table whose numbers are shaded by their size, column by column. `links` are columns that hold addresses.
    `last` fixes the time range, for instance 30d, whatever the picker says.
    """

    title: str
    doc: str
    unit: str
    queries: tuple[Prom | Sql, ...]
    kind: Literal["lines", "bars", "number", "table", "grid", "ranking", "states"] = "lines"
    width: int = 8
    height: int = 8
    colours: Mapping[str, str] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    units: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A titled row of panels, laid out from left to right."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A picker of several values. A Prom `query` is Grafana's label_values(...)."""

    name: str
    label: str
    query: Prom | Sql


@dataclass(frozen=True, slots=True)
class Dashboard:
    uid: str
    title: str
    doc: str
    variables: tuple[Variable, ...]
    rows: tuple[Row, ...]
    since: str
    """Default time range, for instance now-1h."""
