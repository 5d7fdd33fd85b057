"""How the sources fare, as samples. Pure.

A metric shows at most `SERIES` series; the sources beyond are taken together as the account `other` of their platform
and name: problems are counted, of times the one that asks for attention first is shown.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from contracts import codec, metrics, topics
from contracts.health import SourceHealth
from contracts.metrics import Metric
from sinks.prometheus.samples import OTHER, SERIES, Sample

HEALTH = topics.HEALTH.name

V = TypeVar("V")
Source = tuple[str, str, str]
"""Platform, account, name."""


class SourceFigures:
    """Takes records of `HEALTH`, in offset order; each replaces what its key said before."""

    def __init__(self) -> None:
        self._told: dict[bytes | None, SourceHealth] = {}
        self._read = codec.decoder(SourceHealth)

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Fold one record. An unreadable one is passed over: the PostgreSQL sink keeps it as a dead letter."""
        self._told.pop(key, None)
        if value is not None:
            try:
                self._told[key] = self._read(value)
            except codec.UndecodableRecord:
                return

    def samples(self) -> Iterator[tuple[Metric, list[Sample]]]:
        """Every metric with its series; what is not known of a source has none."""
        told = {(one.platform, one.account_id, _name(one)): one for one in self._told.values()}
        yield metrics.SOURCE_PROBLEMS, _problems(told)
        yield metrics.SOURCE_WELL, _each(told, lambda one: float(one.problem is None), min)
        yield metrics.SOURCE_LAST_SUCCESS, _each(told, lambda one: _seconds(one.last_success_at), min)
        yield metrics.SOURCE_LAST_EVENT, _each(told, lambda one: _seconds(one.last_event_at), max)
        yield metrics.SOURCE_USUAL_GAP, _each(told, lambda one: _seconds(one.usual_gap_ms), max)
        yield metrics.SOURCE_TOKEN_EXPIRES, _each(told, lambda one: _seconds(one.token_expires_at), min)
        yield metrics.SOURCE_LEASE_EXPIRES, _each(told, lambda one: _seconds(one.lease_expires_at), min)


def _name(health: SourceHealth) -> str:
    return health.source.removeprefix(f"{health.platform}:{health.account_id}:")


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _problems(told: Mapping[Source, SourceHealth]) -> list[Sample]:
    wrong = {source: one for source, one in told.items() if one.problem is not None}
    found: dict[tuple[str, ...], float] = {}
    for source, one in _shown(wrong):
        labels = (*source, one.state, one.problem or "")
        found[labels] = found.get(labels, 0) + 1
    return [Sample(labels, value) for labels, value in found.items()]


def _each(
    told: Mapping[Source, SourceHealth],
    read: Callable[[SourceHealth], float | None],
    together: Callable[[float, float], float],
) -> list[Sample]:
    known = {source: value for source, one in told.items() if (value := read(one)) is not None}
    found: dict[tuple[str, ...], float] = {}
    for source, value in _shown(known):
        found[source] = together(found[source], value) if source in found else value
    return [Sample(labels, value) for labels, value in found.items()]


def _shown(values: Mapping[Source, V]) -> Iterator[tuple[Source, V]]:
    """All values under the names they are shown by; always the same sources are shown by themselves."""
    sources = sorted(values)
    if len(sources) > SERIES:
        others = len({(platform, name) for platform, _, name in sources})
        sources = sources[: max(0, SERIES - others)]
    alone = set(sources)
    for source, value in sorted(values.items(), key=lambda item: item[0]):
        platform, _, name = source
        yield (source if source in alone else (platform, OTHER, name)), value
