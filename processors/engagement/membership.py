"""The row of `community_members`: made when it is written, from what is kept of the person.

Its record holds what is kept, too, so that a restarted worker reads one record a person. Readers of the table do not
know that field.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import msgspec

from contracts import tables
from contracts.codec import encode
from contracts.config import Community
from contracts.table import VERSION, row_struct
from processors.engagement import activity, levels
from processors.engagement.activity import Kept, days_of, last_of_week, week_of
from processors.engagement.standing import Rules
from processors.engagement.windows import date_of

_TABLE: Final = tables.load()["community_members"]
TOPIC: Final = _TABLE.topic
_GRAIN: Final = tuple(column.name for column in _TABLE.key)
_WORD: Final = 64


class Read(msgspec.Struct, gc=False):
    """What the processor needs of a record of its own."""

    platform: str
    account_id: str
    actor_id: str
    version: int
    kept: str


decode = msgspec.json.Decoder(Read).decode
_Rest: Any = msgspec.defstruct(
    "Rest",
    [
        (field.name, field.type) if field.required else (field.name, field.type, field.default)
        for field in msgspec.structs.fields(row_struct(_TABLE))
        if field.name not in (*_GRAIN, VERSION.name)
    ]
    + [("kept", str, "")],
    omit_defaults=True,
    gc=False,
)


def head(platform: str, account_id: str) -> bytes:
    """How the records of an account's people begin; the actor and `tail` go on."""
    return b'{"platform":%b,"account_id":%b,"actor_id":' % (encode(platform), encode(account_id))


def tail(version: int, rest: bytes) -> bytes:
    """How they end, with what `Writer.rest` says."""
    return b',"version":%d,%b' % (version, rest)


class Writer:
    """Writes what is kept of people as rows. `oldest` is the first day that counts as an active one."""

    def __init__(self, rules: Rules, config: Community) -> None:
        self._rules, self._config = rules, config
        self._known: Callable[[int, int, int], bytes] = lru_cache(1 << 14)(self._rest)

    def rest(self, kept: Kept, today: int, oldest: int) -> bytes:
        """All of a record but its grain and version: the same for the many who did the same on one day only."""
        if isinstance(kept, dict):
            return self._rest(kept, today, oldest)
        return self._known(kept, today, oldest)

    def _rest(self, kept: Kept, today: int, oldest: int) -> bytes:
        active, total = activity.seen(days_of(kept), today)
        return encode(_Rest(*self._values(active, total, today, oldest), activity.written(kept)))[1:]

    def _values(self, active: int, total: int, today: int, oldest: int) -> tuple[Any, ...]:
        first, silent_days = today - active.bit_length() + 1, (active & -active).bit_length() - 1
        stand = dict(zip(activity.KINDS, activity.counts(total), strict=True))
        weight = self._rules.weight(total)
        level = levels.level(active, weight)
        is_met = {
            "level": level >= self._config.ambassador_level,
            "advocacy": stand["share"] + stand["mention"] >= self._config.ambassador_advocacy,
        }
        return (
            stand["reaction"],
            stand["comment_reaction"],
            stand["comment"] + stand["reply"],
            stand["reply"],
            stand["share"],
            stand["mention"],
            stand["follow"],
            date_of(first),
            date_of(today - silent_days),
            (active & (1 << today - oldest + 1) - 1).bit_count(),
            _signed(active >> silent_days),
            _signed(_weeks(active, today)),
            weight,
            levels.by_presence(active),
            level,
            all(is_met.values()),
            tuple(reason for reason, met in is_met.items() if met),
        )


def _weeks(active: int, today: int) -> int:
    """Active ISO weeks as bits: bit k is the k-th after that of the first active day; 64 of them."""
    first_week = week_of(today - active.bit_length() + 1)
    found = 0
    for k in range(min(_WORD, week_of(today) - first_week + 1)):
        after = today - last_of_week(first_week + k)
        if (active >> after if after > 0 else active << -after) & 0x7F:
            found |= 1 << k
    return found


def _signed(bits: int) -> int:
    """The lowest 64 bits in two's complement."""
    word = bits & (1 << _WORD) - 1
    return word - (1 << _WORD) if word >> (_WORD - 1) else word
