"""PromQL for panels, built from declared metrics: a label that a metric does not have cannot be asked for."""

from contracts.metrics import Metric

_PICKED = ("platform", "account")


def select(metric: Metric, suffix: str = "", **labels: str) -> str:
    """Selector of a metric; the platform and account pickers apply wherever it has these labels.

    >>> from contracts.metrics import SNAPSHOTS_EMITTED
    >>> select(SNAPSHOTS_EMITTED)
    'engagement_ingest_snapshots_total{platform=~"$platform"}'
    """
    _declared(metric, *labels)
    matchers = [f'{name}=~"${name}"' for name in _PICKED if name in metric.labels]
    matchers += [f'{name}="{value}"' for name, value in labels.items()]
    return f"{metric.name}{suffix}" + (f"{{{','.join(matchers)}}}" if matchers else "")


def rate(metric: Metric, *by: str) -> str:
    """Increase a second of a counter, summed by `by`."""
    _declared(metric, *by)
    return f"sum{_by(by)} (rate({select(metric)}[$__rate_interval]))"


def quantile(q: float, metric: Metric, *by: str) -> str:
    """Estimated quantile of a histogram over the interval."""
    _declared(metric, *by)
    buckets = f"sum{_by(('le', *by))} (rate({select(metric, '_bucket')}[$__rate_interval]))"
    return f"histogram_quantile({q}, {buckets})"


def mean(metric: Metric, *by: str) -> str:
    """Mean of a histogram since its processes began: for what happens too seldom to have a rate."""
    _declared(metric, *by)
    return f"sum{_by(by)} ({select(metric, '_sum')}) / sum{_by(by)} ({select(metric, '_count')})"


def total(metric: Metric, *by: str) -> str:
    """Sum of a gauge over processes and labels other than `by`."""
    _declared(metric, *by)
    return f"sum{_by(by)} ({select(metric)})"


def age(metric: Metric, *by: str) -> str:
    """Seconds since the newest of a gauge that holds a time."""
    _declared(metric, *by)
    return f"time() - max{_by(by)} ({select(metric)})"


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""


def _declared(metric: Metric, *labels: str) -> None:
    if strangers := set(labels) - set(metric.labels):
        raise ValueError(f"{metric.name} has no label {', '.join(sorted(strangers))}")
