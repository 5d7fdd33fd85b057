"""Executes every query of the dashboards as Grafana would, on a running Prometheus and PostgreSQL.

It reads the generated files, since they are what Grafana reads, and knows of its macros and variables those that
occur in them. A panel without data is a problem, and so is a picker without a choice.
"""

import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import requests

DASHBOARDS = Path(__file__).parent / "dashboards"

_POINTS = 200
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_LABEL_VALUES = re.compile(r"label_values\((?:(?P<selector>.+), )?(?P<label>\w+)\)")

Rows = list[tuple[Any, ...]]
"""An answer as rows: what the columns or labels say, then the value; in a fixed order."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a panel, or with a picker."""

    dashboard: str
    panel: str
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """One query: the `ref` (A, B, ...) of a panel, and the uid of the data source that it asks."""

    dashboard: str
    panel: str
    ref: str
    source: str


class Grafana:
    """Asks Prometheus and PostgreSQL what Grafana would ask. `at`: the end of the time range, in epoch seconds."""

    def __init__(self, prometheus_url: str, dsn: str, at: float | None = None) -> None:
        self._prometheus = f"{prometheus_url.rstrip('/')}/api/v1"
        self._dsn = dsn
        self._at = time.time() if at is None else at

    def answers(self) -> Iterator[tuple[Place, Rows | Problem]]:
        """Every query of every panel, and every picker, with its rows or why it has none."""
        for path in sorted(DASHBOARDS.glob("*.json")):
            board = json.loads(path.read_text(encoding="utf-8"))
            choices: dict[str, list[str]] = {}
            for variable in board["templating"]["list"]:
                name, source = variable["name"], variable["datasource"]["uid"]
                choices[name] = self._choices(variable, choices)
                yield Place(board["title"], f"picker {name}", "", source), [(c,) for c in choices[name]]
            for panel in board["panels"]:
                for target in panel.get("targets", ()):
                    source = target["datasource"]["uid"]
                    place = Place(board["title"], panel["title"], target["refId"], source)
                    yield place, self._answer(place, panel, target, board["time"]["from"], choices)

    def _answer(
        self,
        place: Place,
        panel: Mapping[str, Any],
        target: Mapping[str, Any],
        since: str,
        choices: Mapping[str, list[str]],
    ) -> Rows | Problem:
        seconds = _seconds(panel.get("timeFrom") or since.removeprefix("now-"))
        try:
            if "expr" in target:
                return self._metrics(target, seconds, choices)
            return self._rows(_sql(target["rawSql"], self._at - seconds, self._at, choices))
        except (requests.RequestException, psycopg.Error) as error:
            return Problem(place.dashboard, place.panel, f"{place.ref}: {error}")

    def _choices(self, variable: Mapping[str, Any], choices: Mapping[str, list[str]]) -> list[str]:
        if isinstance(variable["query"], str):
            return [str(row[-1]) for row in self._rows(_sql(variable["query"], self._at, self._at, choices))]
        asked = _LABEL_VALUES.fullmatch(_promql(variable["query"]["query"], 60, choices))
        assert asked, f"{variable['name']}: not label_values(...)"
        matched = {"match[]": asked["selector"]} if asked["selector"] else {}
        return [str(value) for value in self._get(f"label/{asked['label']}/values", matched)]

    def _metrics(self, target: Mapping[str, Any], seconds: int, choices: Mapping[str, list[str]]) -> Rows:
        step = max(seconds // _POINTS, 1)
        query = _promql(target["expr"], step, choices)
        if target["instant"]:
            found = self._get("query", {"query": query, "time": self._at})["result"]
            return sorted(
                (_labels(series), float(series["value"][1])) for series in found if _is_number(series["value"])
            )
        asked: dict[str, str | float] = {"query": query, "start": self._at - seconds, "end": self._at, "step": step}
        return sorted(
            (_labels(series), *(float(point[1]) for point in series["values"] if _is_number(point)))
            for series in self._get("query_range", asked)["result"]
            if any(_is_number(point) for point in series["values"])
        )

    def _get(self, path: str, parameters: Mapping[str, str | float]) -> Any:
        answer = requests.get(f"{self._prometheus}/{path}", params=dict(parameters), timeout=30)
        body = answer.json()
        if body["status"] != "success":
            raise requests.RequestException(f"{body['errorType']}: {body['error']}")
        return body["data"]

    def _rows(self, sql: str) -> Rows:
        with psycopg.connect(self._dsn) as connection:
            return connection.execute(sql.encode()).fetchall()


def check_panels(prometheus_url: str, dsn: str, at: float | None = None) -> list[Problem]:
    """Every panel and picker that fails or shows nothing. A panel of several queries needs an answer from one."""
    problems: list[Problem] = []
    empty: dict[tuple[str, str], bool] = {}
    for place, answer in Grafana(prometheus_url, dsn, at).answers():
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            panel = (place.dashboard, place.panel)
            empty[panel] = empty.get(panel, True) and not answer
    return problems + [Problem(*panel, "no data") for panel, is_empty in empty.items() if is_empty]


def shown(prometheus_url: str, dsn: str, dashboard: str, panel: str, at: float | None = None) -> Rows:
    """The rows that one panel shows, of all its queries; KeyError if there is no such panel or it fails."""
    found = [
        answer
        for place, answer in Grafana(prometheus_url, dsn, at).answers()
        if (place.dashboard, place.panel) == (dashboard, panel)
    ]
    if not found or any(isinstance(answer, Problem) for answer in found):
        raise KeyError(f"{dashboard}: {panel}: {found}")
    return [row for answer in found if not isinstance(answer, Problem) for row in answer]


def _promql(query: str, step: int, choices: Mapping[str, list[str]]) -> str:
    """Grafana's interpolation: the interval covers four scrapes and a step, a picker is an alternative of literals."""
    query = query.replace("$__rate_interval", f"{max(step + 5, 20)}s")
    for name, values in choices.items():
        query = query.replace(f"${name}", "|".join(re.escape(value).replace("\\", "\\\\") for value in values))
    return query


def _sql(query: str, since: float, until: float, choices: Mapping[str, list[str]]) -> str:
    begin, end = (f"'{datetime.fromtimestamp(moment, UTC).isoformat()}'" for moment in (since, until))
    query = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN {begin} AND {end}", query)
    query = query.replace("$__timeFrom()", begin).replace("$__timeTo()", end)
    for name, values in choices.items():
        listed = ",".join("'" + value.replace("'", "''") + "'" for value in values) or "NULL"
        query = query.replace(f"${{{name}:sqlstring}}", listed)
    return query


def _seconds(span: str) -> int:
    """
    >>> _seconds("6h")
    21600
    """
    return int(span[:-1]) * _UNITS[span[-1]]


def _labels(series: Mapping[str, Any]) -> str:
    return json.dumps(series["metric"], sort_keys=True)


def _is_number(point: list[Any]) -> bool:
    return not math.isnan(float(point[1]))
