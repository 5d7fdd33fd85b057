"""Fault plans as data, and the tally of what took effect.

Shares are of changes or deliveries; `every` counts occasions (deliveries, requests). 0 means never.
"""

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes wrong. Held and delayed changes wait in the world's own seconds, less than three days."""

    drop: float = 0.0
    duplicate: float = 0.0
    hold: float = 0.0
    delay: float = 0.0
    shuffle: bool = False
    resend: float = 0.0
    malformed_every: int = 0
    forged_every: int = 0
    server_error_every: int = 0
    too_much_data_every: int = 0
    limit_burst_every: int = 0
    empty_page_every: int = 0
    error_in_200_every: int = 0
    slow_every: int = 0
    lost_cursor_every: int = 0
    break_every: int = 0
    metric_removed_after: float = 1.0
    """Part of the world after which the platform retires a page metric."""


PLANS: dict[str, Plan] = {
    "none": Plan(),
    "mild": Plan(
        duplicate=0.01,
        hold=0.02,
        shuffle=True,
        resend=0.01,
        malformed_every=200,
        server_error_every=997,
        empty_page_every=67,
        slow_every=1511,
        break_every=1499,
    ),
    "storm": Plan(
        drop=0.05,
        duplicate=0.05,
        hold=0.08,
        delay=0.03,
        shuffle=True,
        resend=0.05,
        malformed_every=23,
        forged_every=41,
        server_error_every=307,
        too_much_data_every=401,
        limit_burst_every=1511,
        empty_page_every=29,
        error_in_200_every=353,
        slow_every=709,
        lost_cursor_every=31,
        break_every=307,
        metric_removed_after=0.6,
    ),
}

HOLD_SECONDS = (600, 14_400)
DELAY_SECONDS = (14_400, 216_000)

WEBHOOK_MINIMA: dict[str, int] = {
    "dropped": 1200,
    "duplicate_alone": 500,
    "duplicate_in_batch": 500,
    "held": 1500,
    "delayed": 600,
    "reordered": 3000,
    "removal_before_add": 40,
    "resent": 80,
    "malformed_change": 60,
    "malformed_delivery": 8,
    "forged": 30,
    "same_second_ties": 250,
    "anonymous": 600,
    "unlikes": 600,
    "edits": 600,
}
"""What a storm over 30,000 facts must at least have done."""

API_MINIMA: dict[str, int] = {
    "server_error": 5,
    "too_much_data": 2,
    "throttled": 1,
    "empty_page": 2,
    "error_in_200": 4,
    "slow_answer": 2,
    "lost_cursor": 1,
    "removed_metric": 1,
}
"""The same for the API, which is asked some hundred times meanwhile."""

FULL_SIZE = 30_000


class Tally:
    """Counts each fault when it has taken effect: the bytes were sent, or the answer was given."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._occasions: Counter[str] = Counter()
        self._next: dict[str, int] = {}
        self._is_calm = False

    def calm(self) -> None:
        """Nothing goes wrong any more: a run's last reading must be able to succeed."""
        self._is_calm = True

    def add(self, fault: str, number: int = 1) -> None:
        self.counts[fault] += number

    def due(self, fault: str, every: int) -> bool:
        """Whether this occasion goes wrong: one of `every`, and more often at first, so that little traffic suffices.

        >>> tally = Tally()
        >>> [number for number in range(1, 150) if tally.due("x", 64)]
        [4, 8, 16, 32, 64, 128]
        """
        self._occasions[fault] += 1
        number = self._occasions[fault]
        if not every or self._is_calm or number < self._next.setdefault(fault, max(every // 16, min(every, 2))):
            return False
        self._next[fault] = number + min(every, number)
        return True

    @staticmethod
    def minima(plan: str, facts: int) -> dict[str, int]:
        """What must at least have happened by now; only a storm promises anything."""
        if plan != "storm":
            return {}
        part = min(1.0, facts / FULL_SIZE)
        scaled = {fault: max(1, int(least * part)) for fault, least in WEBHOOK_MINIMA.items()}
        return scaled | (API_MINIMA if part == 1.0 else {})
