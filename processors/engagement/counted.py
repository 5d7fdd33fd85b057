"""The records of rows of counts: written from an account's book, and read back into it.

Most of a record is the same for many rows, so it is put together from parts that are encoded once.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgspec.structs import astuple

from contracts import tables
from contracts.codec import encode
from contracts.identity import escaped
from contracts.table import Table
from processors.engagement import counts
from processors.engagement.facts import REACTION_OF, REACTIONS
from processors.engagement.rows import DECODE
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


def changes(account: "Account", version: int) -> Iterator[Change]:
    """The records that bring the topics up to date with the account's counts."""
    account.roll_up()
    tail = b',"version":%d}' % version
    members = counts.members
    for name, of in _OF_ACCOUNTS.items():
        table, rows = _TABLES[name], _rows(account.book, of)
        for number, found in rows.take():
            suffix, infix = _window(table, of.windows.named(number))
            value = b"".join((account.head, infix, members(found), tail)) if found else None
            yield table.topic, account.key + suffix, value
    posts = _Posts(account)
    for post, found in account.book.posts.take():
        key, beginning = posts[post]
        yield _TABLES[_POSTS].topic, key, b"".join((beginning, members(found), tail)) if found else None
    for name, of in _OF_POSTS.items():
        topic, text = _TABLES[name].topic, members if of.windows is not _REACTIONS else _standing
        for number, of_window in _post_rows(account.book, of).take():
            suffix, infix = _window(_TABLES[name], of.windows.named(number))
            for post, found in of_window:
                key, beginning = posts[post]
                yield topic, key + suffix, b"".join((beginning, infix, text(found), tail)) if found else None


def load(state: "Organic", table: Table, grain: tuple[Any, ...], found: int) -> None:
    """Take a row back; 0: it was deleted."""
    account = state.account(grain[0], grain[1])
    book = account.book
    if table.name in _OF_ACCOUNTS:
        of = _OF_ACCOUNTS[table.name]
        _rows(book, of).load(of.windows.number(grain[2]), found)
    elif table.name == _POSTS:
        book.posts.load(account.post(grain[2]), found)
    else:
        of = _OF_POSTS[table.name]
        _post_rows(book, of).load(of.windows.number(grain[3]), account.post(grain[2]), found)


def read(table: Table, data: bytes) -> tuple[tuple[Any, ...], int, int]:
    """Grain, counts and version of a record."""
    fields = astuple(DECODE[table.topic](data))
    size = len(table.key)
    units = _UNITS[table.name]
    return fields[:size], counts.of(zip(units, fields[size:-1], strict=True)), fields[-1]


_UNITS: Final = {
    name: tuple(counts.UNIT.get(column.name, 1) for column in _TABLES[name].values if column.generated is None)
    for name in TABLES
}


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


def _window(table: Table, name: int | str) -> tuple[bytes, bytes]:
    """What a window adds to the key and to the value of a record."""
    return f"|{name}".encode(), b',"%b":%b' % (table.key[-1].name.encode(), encode(name))


def _standing(reactions: int) -> bytes:
    return b',"reactions":%d' % reactions
