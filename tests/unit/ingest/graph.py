"""Driving a reading by hand: a scripted Graph API, request by request."""

import json
from collections.abc import Callable
from typing import Any

from ingest.platforms import Answer, Failure, Found, Part, Plan, Reading, Request, State

NOW = 1_790_000_100_000
Graph = Callable[[Request], dict[str, Any] | Failure]


def drive(reading: Reading, graph: Graph) -> tuple[list[Request], list[Part], State]:
    """Every request, every part found, and what is to be remembered."""
    asked: list[Request] = []
    found: list[Part] = []
    answer: Answer | None = None
    while True:
        try:
            step = reading.send(answer)
        except StopIteration as end:
            return asked, found, end.value
        if isinstance(step, Found):
            found += step.parts
            answer = None
            continue
        asked.append(step)
        told = graph(step)
        if isinstance(told, Failure):
            answer = Answer(b"", NOW, NOW, told)
        else:
            answer = Answer(json.dumps(told).encode(), NOW + len(asked), NOW)


def drive_all(plan: Plan, graph: Graph) -> tuple[list[Request], list[Part], State]:
    """The same of all readings of a plan, with what holds without any."""
    asked: list[Request] = []
    found: list[Part] = []
    state: State = dict(plan.kept)
    for reading in plan.readings:
        more, parts, remembered = drive(reading, graph)
        asked, found = asked + more, found + parts
        state |= remembered
    return asked, found, state
