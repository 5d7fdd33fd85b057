"""Leaves a host alone that has stopped answering, and asks it now and then whether it is back. Pure."""

FAILURES = 5
"""So many requests in a row without an answer, whoever made them, and nothing more is asked."""
FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 600.0


class Breaker:
    """One host: closed while it answers, open after `FAILURES` in a row, then half open for a single request."""

    def __init__(self) -> None:
        self._failures = 0
        self._pauses = 0
        self._open_until = 0.0
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        return self._pauses > 0

    @property
    def open_until(self) -> float:
        """Before that, nothing is asked."""
        return self._open_until

    def ready_at(self, now: float) -> float:
        """When the host may be asked; while it is being probed, not before that is answered."""
        return now + FIRST_PAUSE_SECONDS if self._is_probing else self._open_until

    def asked(self) -> None:
        """A request is made; of an open breaker it is the probe."""
        self._is_probing = self.is_open

    def answered(self) -> None:
        """The host answered, be it with an error of ours."""
        self._failures = self._pauses = 0
        self._open_until = 0.0
        self._is_probing = False

    def forgone(self) -> None:
        """What was to be asked was not: it says nothing of the host, and the next request is the probe in its place."""
        self._is_probing = False

    def failed(self, now: float) -> None:
        """No answer came, or one that says that the host itself is in trouble."""
        self._failures += 1
        if self._is_probing or (not self.is_open and self._failures >= FAILURES):
            self._open_until = now + min(FIRST_PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
            self._pauses += 1
            self._is_probing = False
