"""Who engaged when: the unique, new and returning people of an account's days."""

from collections.abc import Callable

from processors.engagement.accounts import NEW, RETURNING, UNIQUE, Account
from processors.engagement.members import days_of, first_day, has, with_one, without_one
from processors.engagement.rows import Row
from processors.engagement.windows import Day

Touch = Callable[[Row], None]
"""Marks a row as changed."""


def arrive(account: Account, actor: str, day: Day, limit_ms: int, touch: Touch) -> None:
    """`actor` is present on `day` once more. Days that end before newest - `limit_ms` keep their numbers."""
    account.changed_members.append(actor)
    before = account.members.get(actor)
    if before is not None and has(before, day.number):
        account.members[actor] = with_one(before, day.number)
        return
    first = day.number if before is None else first_day(before)
    account.members[actor] = with_one(before, day.number)
    if before is None:
        _add(account, day, limit_ms, touch, new=1, returning=0)
        return
    if day.number > first:
        _add(account, day, limit_ms, touch, new=0, returning=1)
        return
    _add(account, day, limit_ms, touch, new=1, returning=0)
    _add(account, account.zone.day(first), limit_ms, touch, unique=0, new=-1, returning=1)


def depart(account: Account, actor: str, day: Day, limit_ms: int, touch: Touch) -> None:
    """One presence of `actor` on `day` was elsewhere in truth."""
    account.changed_members.append(actor)
    before = account.members.get(actor)
    if before is None or not has(before, day.number):
        return
    after = without_one(before, day.number)
    if after is None:
        del account.members[actor]
        _add(account, day, limit_ms, touch, unique=-1, new=-1, returning=0)
        return
    account.members[actor] = after
    if has(after, day.number):
        return
    if first_day(before) != day.number:
        _add(account, day, limit_ms, touch, unique=-1, new=0, returning=-1)
        return
    _add(account, day, limit_ms, touch, unique=-1, new=-1, returning=0)
    _add(account, account.zone.day(min(days_of(after))), limit_ms, touch, unique=0, new=1, returning=-1)


def _add(account: Account, day: Day, limit_ms: int, touch: Touch, *, new: int, returning: int, unique: int = 1) -> None:
    if day.end <= account.newest - limit_ms:
        return
    row = account.day_row(day)
    row[UNIQUE] += unique
    row[NEW] += new
    row[RETURNING] += returning
    touch(row)
