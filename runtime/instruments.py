"""Declared metrics as live Prometheus instruments, one registry a process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from contracts.metrics import Metric

# Else each counter and histogram has a second series, which nobody declared or reads.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it without annotations


class Instruments:
    """Makes each declared metric once, on first use. A metric asked for as another kind is a ValueError."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}

    def counter(self, metric: Metric) -> Counter:
        made = self._get(metric, "counter")
        assert isinstance(made, Counter)
        return made

    def gauge(self, metric: Metric) -> Gauge:
        made = self._get(metric, "gauge")
        assert isinstance(made, Gauge)
        return made

    def histogram(self, metric: Metric) -> Histogram:
        made = self._get(metric, "histogram")
        assert isinstance(made, Histogram)
        return made

    def _get(self, metric: Metric, kind: str) -> Counter | Gauge | Histogram:
        if metric.kind != kind:
            raise ValueError(f"{metric.name} is a {metric.kind}, not a {kind}")
        if metric.name not in self._made:
            self._made[metric.name] = self._make(metric)
        return self._made[metric.name]

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind == "histogram":
            buckets = metric.buckets or Histogram.DEFAULT_BUCKETS
            return Histogram(metric.name, metric.doc, metric.labels, buckets=buckets, registry=self.registry)
        made = Counter if metric.kind == "counter" else Gauge
        return made(metric.name, metric.doc, metric.labels, registry=self.registry)
