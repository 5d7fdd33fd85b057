"""What stands in the way of whoever asks a simulated API, by the fault plan; each tells it in its own words."""

import asyncio
from time import monotonic

from ingest.simulator.faults import Plan, Tally

SLOW_SECONDS = 1.2
BURST_SECONDS = 0.7


class Obstacles:
    """Of one API. Each is counted when it is met."""

    def __init__(self, plan: Plan, tally: Tally) -> None:
        self._plan = plan
        self._tally = tally
        self._stopped_until = 0.0

    @property
    def is_stopped(self) -> bool:
        """Whether a burst of refusals goes on."""
        return monotonic() < self._stopped_until

    def met(self, fault: str, every: int) -> bool:
        if is_due := self._tally.due(fault, every):
            self._tally.add(fault)
        return is_due

    async def slow(self) -> None:
        """An answer may take its time."""
        if self.met("slow_answer", self._plan.slow_every):
            await asyncio.sleep(SLOW_SECONDS)

    def burst(self) -> bool:
        """Whether a burst of refusals begins with this request."""
        if begins := self._tally.due("limit_burst", self._plan.limit_burst_every):
            self._stopped_until = monotonic() + BURST_SECONDS
        return begins

    def refused(self, *, too_often: bool = False) -> bool:
        """Whether this request is: within a burst, or by the platform's own limit."""
        if is_refused := too_often or self.is_stopped:
            self._tally.add("throttled")
        return is_refused

    def broken(self) -> bool:
        return self.met("server_error", self._plan.server_error_every)

    def cursor_lost(self, cursor: str | None) -> bool:
        return bool(cursor) and self.met("lost_cursor", self._plan.lost_cursor_every)

    def page_empty(self) -> int:
        """Whether a page comes without anything though more follows: which one of these it is, else 0."""
        return self._tally.counts["empty_page"] if self.met("empty_page", self._plan.empty_page_every) else 0
