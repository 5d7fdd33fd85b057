"""The records of rows of counts: written from an account's book, and read back into it.

Most of a record is the same for many rows, so it is put together from parts that are encoded once.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from contracts import tables
from contracts.codec import encode
from contracts.identity import escaped
from processors.engagement.counts import UNIT
from processors.engagement.facts import REACTION_OF, REACTIONS
from processors.engagement.tallies import Book, PostRows, Rows
from processors.engagement.windows import HOUR_MS, MINUTE_MS, date_number, date_of
from processors.engine.state import Change

if TYPE_CHECKING:
    from processors.engagement.accounts import Account
    from processors.engagement.organic import Organic


class _Windows(NamedTuple):
    """How a kind of window is named outside: from its number, and back."""

    named: Callable[[int], int | str]
    number: Callable[[Any], int]


def _of_length(milliseconds: int) -> _Windows:
    return _Windows(lambda number: number * milliseconds, lambda start: int(start) // milliseconds)


_MINUTES, _HOURS = _of_length(MINUTE_MS), _of_length(HOUR_MS)
_DAYS = _Windows(date_of, date_number)
_REACTIONS = _Windows(REACTIONS.__getitem__, REACTION_OF.__getitem__)


class _Of(NamedTuple):
    """A table: its windows, and which rows of a book are its."""

    windows: _Windows
    rows: str


_OF_ACCOUNTS: Final = {
    "engagement_by_account_minute": _Of(_MINUTES, "minutes"),
    "engagement_by_account_hour": _Of(_HOURS, "hours"),
    "engagement_by_account_day": _Of(_DAYS, "days"),
}
_OF_POSTS: Final = {
    "engagement_by_post_minute": _Of(_MINUTES, "post_minutes"),
    "engagement_by_post_hour": _Of(_HOURS, "post_hours"),
    "engagement_by_post_day": _Of(_DAYS, "post_days"),
    "reactions_by_post": _Of(_REACTIONS, "reactions"),
}
_POSTS: Final = "engagement_by_post"
TABLES: Final = {*_OF_ACCOUNTS, *_OF_POSTS, _POSTS}
"""The tables whose rows are kept as counts; their rows exist only while something in them differs from zero."""
_TABLES: Final = tables.load()


def head(platform: str, account_id: str) -> bytes:
    """How the records of an account begin."""
    return b'{"platform":%b,"account_id":%b' % (encode(platform), encode(account_id))


class Ends(dict[int, bytes]):
    """How the records end that have such counts in a flush: many rows are alike."""

    def __init__(self, members: Callable[[int], bytes], version: int) -> None:
        super().__init__()
        self._members, self._version = members, b',"version":%d}' % version

    def __missing__(self, found: int) -> bytes:
        end = self[found] = self._members(found) + self._version
        return end


def standing(reactions: int) -> bytes:
    """The one column of a row of reactions, as `counts.members`."""
    return b',"reactions":%d' % reactions


def changes(account: "Account", ends: Ends, reactions: Ends) -> Iterator[Change]:
    """The records that bring the topics up to date with the account's counts."""
    account.roll_up()
    join = b"".join
    for name, of in _OF_ACCOUNTS.items():
        topic = _TABLES[name].topic
        for number, found in _rows(account.book, of).take():
            suffix, infix = _window(name, of.windows.named(number))
            yield topic, account.key + suffix, account.head + infix + ends[found] if found else None
    posts, topic = _Posts(account), _TABLES[_POSTS].topic
    for post, found in account.book.posts.take():
        key, beginning = posts[post]
        yield topic, key, beginning + ends[found] if found else None
    for name, of in _OF_POSTS.items():
        topic, ends_of = _TABLES[name].topic, reactions if of.windows is _REACTIONS else ends
        for number, of_window in _post_rows(account.book, of).take():
            suffix, infix = _window(name, of.windows.named(number))
            for post, found in of_window:
                key, beginning = posts[post]
                yield topic, key + suffix, join((beginning, infix, ends_of[found])) if found else None


def load(state: "Organic", table: str, grain: Sequence[Any], found: int) -> None:
    """Take a row back; 0: it was deleted."""
    account = state.account(grain[0], grain[1])
    if of := _OF_POSTS.get(table):
        _post_rows(account.book, of).load(of.windows.number(grain[3]), account.post(grain[2]), found)
    elif of := _OF_ACCOUNTS.get(table):
        _rows(account.book, of).load(of.windows.number(grain[2]), found)
    else:
        account.book.posts.load(account.post(grain[2]), found)


def read(table: str, data: bytes) -> tuple[list[Any], int, int]:
    """Grain, counts and version of a record of ours."""
    fields = _decode(data)
    version = fields.pop("version")
    grain = [fields.pop(name) for name in _GRAINS[table]]
    return grain, sum([UNIT.get(name, 1) * value for name, value in fields.items()]), version


_decode = msgspec.json.Decoder(dict[str, Any]).decode
_GRAINS: Final = {name: [column.name for column in _TABLES[name].key] for name in TABLES}


def _rows(book: Book, of: _Of) -> Rows:
    found: Rows = getattr(book, of.rows)
    return found


def _post_rows(book: Book, of: _Of) -> PostRows:
    found: PostRows = getattr(book, of.rows)
    return found


class _Posts(dict[int, tuple[bytes, bytes]]):
    """By number of a post the record key of its row, and how its records begin; made when they are asked for."""

    def __init__(self, account: "Account") -> None:
        super().__init__()
        self._account = account

    def __missing__(self, post: int) -> tuple[bytes, bytes]:
        account = self._account
        post_id = account.post_ids[post]
        key = account.key + b"|" + escaped(post_id).encode()
        found = self[post] = key, b'%b,"post_id":%b' % (account.head, encode(post_id))
        return found


@lru_cache(1 << 12)
def _window(table: str, name: int | str) -> tuple[bytes, bytes]:
    """What a window adds to the key and to the value of a record."""
    return f"|{name}".encode(), b',"%b":%b' % (_TABLES[table].key[-1].name.encode(), encode(name))
