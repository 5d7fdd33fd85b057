"""Rows of insights: a metric with its values, each of which may be no number at all."""

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from contracts.events import ValueState
from ingest.wire import decoded


class Value(Struct):
    """`end_time`: the end of the day that a daily value belongs to."""

    value: Raw | UnsetType = UNSET
    end_time: str | None = None


class Row(Struct):
    """`total_value` stands in the place of `values` where totals were asked for."""

    name: str = ""
    values: list[Value] = []
    total_value: Value | None = None


_row = msgspec.json.Decoder(Row)


def row(raw: Raw) -> Row:
    """One row of an answer. Raises `Unusable`."""
    return decoded(_row, raw)


def known(raw: Raw | UnsetType) -> tuple[int | None, ValueState]:
    """A number, or that there is none: null, or a value that was never a number, is unavailable."""
    value = msgspec.json.decode(raw) if isinstance(raw, Raw) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value, "known"
    return None, "unavailable"
