"""Compares what a running Prometheus has scraped with what is declared: no series of ours is a stranger."""

from collections.abc import Iterator, Mapping

import requests

from contracts import metrics
from contracts.metrics import Metric

OF_PROMETHEUS = frozenset({"job", "instance"})
OURS = 'job!="",__name__!~"up|scrape_.*|ALERTS.*"'


def undeclared(prometheus_url: str) -> list[str]:
    """Each scraped series name, or label of one, that `contracts.metrics` does not declare."""
    answer = requests.get(f"{prometheus_url.rstrip('/')}/api/v1/series", params={"match[]": f"{{{OURS}}}"}, timeout=30)
    answer.raise_for_status()
    declared = {name: labels for metric in metrics.load() for name, labels in _series(metric)}
    return sorted({stranger for series in answer.json()["data"] for stranger in _strangers(series, declared)})


def _series(metric: Metric) -> Iterator[tuple[str, frozenset[str]]]:
    """Names and labels under which a metric is exposed."""
    labels = frozenset(metric.labels)
    if metric.kind != "histogram":
        yield metric.name, labels
        return
    yield f"{metric.name}_bucket", labels | {"le"}
    yield f"{metric.name}_sum", labels
    yield f"{metric.name}_count", labels


def _strangers(series: Mapping[str, str], declared: Mapping[str, frozenset[str]]) -> Iterator[str]:
    name = series["__name__"]
    if name not in declared:
        yield name
        return
    for label in series.keys() - declared[name] - OF_PROMETHEUS - {"__name__"}:
        yield f"{name}{{{label}}}"
