"""Driving a reading by hand: a scripted Graph API, request by request."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.events import Listing
from ingest.platforms import Answer, Failure, Found, Part, Plan, Reading, Receipt, Remember, Request, State

NOW = 1_790_000_100_000
Graph = Callable[[Request], dict[str, Any] | Failure]
Lists = Callable[[Request], list[Any]]
"""Answers whose root is a list."""
POLL = Receipt(NOW, "poll", "poll", {}, lambda actor: f"<{actor}>", visitor=str, customer=str)


def drive(
    reading: Reading,
    graph: Graph | Lists,
    memory: dict[str, Listing | None] | None = None,
    receipt: Receipt = POLL,
) -> tuple[list[Request], list[Part], State]:
    """Every request, every part found, and what is to be remembered: the state, and in `memory` what was listed. Each
    answer comes a moment after the one before, with a `receipt` of its own."""
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
        if isinstance(step, Remember):
            assert memory is not None, "nothing was to be remembered"
            memory[step.object_id] = step.listing
            answer = None
            continue
        asked.append(step)
        told, came = graph(step), replace(receipt, received_at=NOW + len(asked))
        if isinstance(told, Failure):
            answer = Answer(b"", NOW, came, told)
        else:
            answer = Answer(json.dumps(told).encode(), NOW + len(asked), came)


def drive_all(
    plan: Plan,
    graph: Graph | Lists,
    memory: dict[str, Listing | None] | None = None,
    receipt: Receipt = POLL,
) -> tuple[list[Request], list[Part], State]:
    """The same of all readings of a plan, with what holds without any."""
    asked: list[Request] = []
    found: list[Part] = []
    state: State = dict(plan.kept)
    for reading in plan.readings:
        more, parts, remembered = drive(reading, graph, memory, receipt)
        asked, found = asked + more, found + parts
        state |= remembered
    return asked, found, state
