"""A delivery as Meta pushes it, whatever its object: entries of changes, each entry apart from its neighbours."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from contracts.outcome import Drop, Refuse
from ingest.fields import Unusable
from ingest.platforms import Part
from ingest.wire import Unreadable


class Entry(Protocol):
    """What every entry may hold in the place of changes or beside them."""

    @property
    def messaging(self) -> Sequence[object] | None: ...
    @property
    def standby(self) -> Sequence[object] | None: ...
    @property
    def changed_fields(self) -> Sequence[object] | None: ...


E = TypeVar("E", bound=Entry)


def parts(
    body: bytes, read: Callable[[bytes], Iterable[E | Unusable]], changed: Callable[[E], Iterable[Part]]
) -> Iterator[Part]:
    """Every part of a delivery, in order. `read` gives its entries, `changed` the parts of an entry's changes.

    Raises nothing: what cannot be used is a `Refuse`.
    """
    try:
        for entry in read(body):
            if isinstance(entry, Unusable):
                yield Part(Refuse(entry.reason, entry.detail), None, entry.body)
                continue
            if entry.messaging or entry.standby:
                yield Part(Drop("messaging"))
            if entry.changed_fields:
                yield Part(Drop("values_not_included"))
            yield from changed(entry)
    except Unreadable:
        yield Part(Refuse("unreadable_body", "no JSON in UTF-8"), None, body, whole=True)
    except Unusable as error:
        yield Part(Refuse(error.reason, error.detail), None, body, whole=True)
