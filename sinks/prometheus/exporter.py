"""Serves the samples: reads its topics from their beginning, and shows nothing until it has caught up.

A figure made of half the days would look like a counter that was reset.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from contracts import metrics
from runtime.health import Health
from runtime.instruments import Instruments
from sinks.consumer import Consumer, describe
from sinks.prometheus import samples
from sinks.prometheus.samples import AccountFigures
from sinks.prometheus.sources import HEALTH, SourceFigures
from sinks.records import Place, Record, lag_by_topic

SERVICE = "sink-prometheus"
SINK = "prometheus"
HOUSEKEEPING_SECONDS = 5.0


class FiguresCollector(Collector):
    """What a scrape gets: nothing before `show` was called. Scrapes come from another thread."""

    def __init__(self) -> None:
        self._figures = AccountFigures()
        self._sources = SourceFigures()
        self._lock = threading.Lock()
        self._is_shown = False

    def apply(self, polled: Mapping[Place, Sequence[Record]]) -> None:
        with self._lock:
            for place, records in polled.items():
                for record in records:
                    if place.topic == HEALTH:
                        self._sources.apply(record.key, record.value)
                    else:
                        self._figures.apply(place.topic, record.key, record.value)

    def show(self) -> None:
        self._is_shown = True

    def collect(self) -> Iterable[Metric]:
        return list(self._families()) if self._is_shown else []

    def _families(self) -> Iterator[Metric]:
        with self._lock:
            found = [*self._figures.samples(), *self._sources.samples()]
        for metric, series in found:
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(metric.name, metric.doc, labels=metric.labels)
            for sample in series:
                family.add_metric(sample.labels, sample.value)
            yield family


def run(servers: str, instruments: Instruments, health: Health, stop: threading.Event) -> None:
    """Read and show until asked to stop."""
    collector = FiguresCollector()
    instruments.registry.register(collector)
    progress = instruments.gauge(metrics.LAST_PROGRESS).labels(SERVICE)
    lag = instruments.gauge(metrics.SINK_LAG)
    places = describe(servers, (*samples.SOURCES, HEALTH)).places
    with closing(Consumer(servers, SERVICE, dict.fromkeys(places, 0))) as consumer:
        goal = consumer.ends()
        housekept_at = float("-inf")
        while not stop.is_set():
            collector.apply(consumer.poll())
            positions = consumer.positions()
            if goal is not None and all(positions[place] >= end for place, end in goal.items()):
                collector.show()
            if time.monotonic() - housekept_at >= HOUSEKEEPING_SECONDS:
                housekept_at = time.monotonic()
                ends = consumer.ends()
                health.ready("kafka", ends is not None)
                goal = goal or ends
                for topic, records in lag_by_topic(ends or {}, positions).items():
                    lag.labels(SINK, topic).set(records)
            health.progress()
            progress.set_to_current_time()
