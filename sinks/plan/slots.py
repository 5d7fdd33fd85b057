"""A slot of the editorial plan, and what makes one acceptable; the readers of files end here. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import NamedTuple
from zoneinfo import ZoneInfo

from runtime.spreadsheet import Problem

ANY_TIME_OF_DAY = 720
"""Tolerance, in minutes around local noon, of a slot that names a day and no time."""

MAX_TOLERANCE = 43_200
YEARS = range(2004, 2200)
"""Those that the tables of time hold."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned post; `planned_at` is UTC."""

    slot_id: str
    planned_at: dt.datetime
    tolerance_minutes: int
    format: str | None
    pillar: str | None
    title: str | None
    line: int = field(default=0, compare=False)


class Plan(NamedTuple):
    """What a file holds: if there are problems, nothing of it is to be used."""

    slots: tuple[Slot, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a file is to be read: `zone` of times that name none, `tolerance_minutes` of slots that name none."""

    zone: ZoneInfo
    tolerance_minutes: int = 60

    def instant(self, when: dt.date) -> dt.datetime:
        """In UTC. A day is its local noon; a time without an offset is local.

        A local time that is skipped or comes twice is read with the offset before the change (RFC 5545, 3.3.5).
        ValueError where no row of the tables could lie.
        """
        if not isinstance(when, dt.datetime):
            when = dt.datetime.combine(when, dt.time(12))
        if when.tzinfo is None:
            when = when.replace(tzinfo=self.zone)
        if when.year not in YEARS:
            raise ValueError(f"the year {when.year} is not between {YEARS[0]} and {YEARS[-1]}")
        return when.astimezone(dt.UTC)

    def tolerance(self, when: dt.date) -> int:
        """That of a slot which names none."""
        return self.tolerance_minutes if isinstance(when, dt.datetime) else ANY_TIME_OF_DAY


def accepted(slot: Slot) -> Slot:
    """The slot, with an id made of its content if it has none; ValueError if PostgreSQL would refuse it."""
    for one in fields(slot):
        if "\0" in str(getattr(slot, one.name)):
            raise ValueError(f"{one.name} has a NUL character")
    if not 0 <= slot.tolerance_minutes <= MAX_TOLERANCE:
        raise ValueError(f"tolerance_minutes is not between 0 and {MAX_TOLERANCE}")
    return slot if slot.slot_id else _named(slot)


def checked(slots: Iterable[Slot], problems: Iterable[Problem]) -> Plan:
    """The plan in the order of its lines; an id that stands twice is a problem."""
    kept = tuple(slots)
    found = sorted({*problems, *_repeated(kept)})
    return Plan(kept, tuple(found))


def _repeated(slots: Iterable[Slot]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for slot in slots:
        if slot.slot_id in first:
            yield Problem(slot.line, f"slot {slot.slot_id} stands in line {first[slot.slot_id]} already")
        first.setdefault(slot.slot_id, slot.line)


def _named(slot: Slot) -> Slot:
    content = (slot.planned_at.isoformat(), slot.format, slot.pillar, slot.title)
    digest = blake2b(repr(content).encode(), digest_size=8).hexdigest()
    return Slot(digest, *(getattr(slot, one.name) for one in fields(slot)[1:]))
