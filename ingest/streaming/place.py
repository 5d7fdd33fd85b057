"""How far an account has been heard, what of it was missed, and where a connection is to begin. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contracts.config import Account
from ingest.platforms import Gap, Resume, State, Stream


@dataclass(frozen=True, slots=True)
class Place:
    """`position` and `at` are those of the last message whose parts are acknowledged, `host` gave them. `gap` was
    missed and is not read back yet."""

    position: str | None = None
    at: int | None = None
    host: str | None = None
    gap: Gap | None = None

    @property
    def state(self) -> State:
        """As a cursor keeps it."""
        state: State = {"position": self.position, "at": self.at, "host": self.host}
        if self.gap is not None:
            state |= {"gap_position": self.gap.position, "gap_since": self.gap.since, "gap_until": self.gap.until}
        return state

    @classmethod
    def of(cls, state: State) -> "Place":
        """Undo `state`; what is not there or is something else is not known."""
        since, until = _number(state.get("gap_since")), _number(state.get("gap_until"))
        gap = None if since is None or until is None else Gap(_text(state.get("gap_position")), since, until)
        return cls(_text(state.get("position")), _number(state.get("at")), _text(state.get("host")), gap)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def heard_until(account: Account, place: Place) -> int:
    """Up to when, epoch milliseconds: nothing of before its connection is asked for."""
    return int(account.connected_at.timestamp() * 1000) if place.at is None else place.at


def missed(stream: Stream, account: Account, place: Place, now: int) -> Place:
    """The place at a connection that begins now, with what it will not tell. What was missed before is missed still."""
    heard = heard_until(account, place)
    if stream.lookback_ms is None:
        until = now
    elif heard < now - stream.lookback_ms:
        until = now - stream.lookback_ms
    else:
        return place
    if until <= heard:
        return place
    if place.gap is None:
        return replace(place, gap=Gap(place.position, heard, until))
    return replace(place, gap=Gap(place.gap.position, min(place.gap.since, heard), max(place.gap.until, until)))


def resume(accounts: Sequence[Account], places: Mapping[str, Place], host: str, token: str | None) -> Resume:
    """Where a connection for all these accounts begins: with what the one that is furthest behind has not heard."""
    last = min(accounts, key=lambda account: heard_until(account, places[account.id]))
    place = places[last.id]
    return Resume(accounts, place.position, heard_until(last, place), place.host != host, token)
