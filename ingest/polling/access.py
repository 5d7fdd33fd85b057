"""How to ask in an account's name, and in which lane: whose limits a request falls under."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.platforms import Limit, Platform, Poll, Request
from ingest.polling.budget import Budget
from ingest.polling.turns import Gate, Host, Lane
from runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials are asked for at each request, so that they can be replaced while the process runs."""

    platform: Platform
    poll: Poll
    base_url: str
    token: Callable[[], str]
    secrets: Sequence[str]
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Lanes:
    """The lanes and budgets of a process. `share`: which part of every limit is its own. `clock`: the platforms'."""

    def __init__(self, share: float, clock: Clock) -> None:
        self._share = share
        self._clock = clock
        self._budgets: dict[tuple[str, ...], Budget] = {}
        self._hosts: dict[str, Host] = {}
        self._gates: dict[tuple[str, ...], Gate] = {}
        self._lanes: dict[tuple[str, ...], Lane] = {}

    def of(self, access: Access, account_id: str, request: Request | None = None) -> Lane:
        """Where a request of an account waits; without one, any that goes to the platform itself."""
        platform, poll = access.platform.name, access.poll
        if request is not None and request.elsewhere is not None:
            address = request.elsewhere.base_url
            other = self._gates.setdefault((address,), Gate(self._host(address, poll), ()))
            return self._lanes.setdefault((address, platform, account_id), Lane(other, ()))
        place = (access.base_url, platform)
        lane = self._lanes.get((*place, account_id))
        if lane is None:
            shared = [limit for limit in poll.limits if limit.per != "account"]
            own = [limit for limit in poll.limits if limit.per == "account"]
            gate = self._gates.get(place)
            if gate is None:
                budgets = tuple(self._budget(access, account_id, limit) for limit in shared)
                gate = Gate(self._host(access.base_url, poll), budgets)
                self._gates[place] = gate
            lane = Lane(gate, tuple(self._budget(access, account_id, limit) for limit in own))
            self._lanes[*place, account_id] = lane
        return lane

    def limited(self, access: Access, account_id: str, per: str | None = None) -> Budget | None:
        """The budget that a platform speaks of: that of a sharing, or the narrowest; None if it has none such."""
        limits = [limit for limit in access.poll.limits if per == limit.per] or access.poll.limits
        return self._budget(access, account_id, limits[-1]) if limits else None

    def _host(self, address: str, poll: Poll) -> Host:
        return self._hosts.setdefault(address, Host(poll.at_once))

    def _budget(self, access: Access, account_id: str, limit: Limit) -> Budget:
        owner = {"app": "", "host": access.base_url, "account": account_id}[limit.per]
        key = (access.platform.name, limit.per, owner, repr(limit))
        budget = self._budgets.get(key)
        if budget is None:
            budget = self._budgets[key] = Budget(limit, self._share, self._clock.now_ms, self._clock.speed)
        return budget
