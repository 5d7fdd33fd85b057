"""The rate limit: a budget that is spent by requests and comes back with time, told in percent."""

import json
from time import monotonic

RETURNED_PER_SECOND = 600.0
CAPACITY = 2_400.0


class Budget:
    """Percent used, in wall time: what is spent is spent, whatever the world's clock says."""

    def __init__(self) -> None:
        self._used = 0.0
        self._at = monotonic()

    def spend(self, calls: float = 1.0) -> None:
        now = monotonic()
        self._used = max(0.0, self._used - (now - self._at) * RETURNED_PER_SECOND) + calls
        self._at = now

    def exhaust(self, seconds: float) -> None:
        """Somebody else under the same app spends everything: nothing is left for so long."""
        self.spend(max(0.0, CAPACITY + seconds * RETURNED_PER_SECOND - self._used))

    @property
    def percent(self) -> int:
        return int(100 * self._used / CAPACITY)

    def headers(self, page: str | None) -> dict[str, str]:
        percent = min(self.percent, 100)
        told = {"call_count": percent, "total_time": percent // 2, "total_cputime": percent // 3}
        headers = {"X-App-Usage": json.dumps(told)}
        if page is not None:
            case = {"type": "pages", **told, "estimated_time_to_regain_access": 0}
            headers["X-Business-Use-Case-Usage"] = json.dumps({page: [case]})
        return headers
