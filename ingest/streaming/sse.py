"""Server-sent events out of bytes, as they come (HTML standard, section 9.2.6). Pure."""

from collections.abc import Iterator

from ingest.platforms import Message


class TooLarge(Exception):
    """A line or an event is larger than anything that is meant."""


class Events:
    """Takes bytes in pieces of any size. Comments, heartbeats for instance, are no events."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = b""
        self._event = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The events that are whole with this piece; raises `TooLarge`."""
        whole = self._rest + piece
        is_cut = whole.endswith(b"\r")  # the other half of the line's end may follow
        if is_cut:
            whole = whole[:-1]
        *lines, rest = whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = rest + b"\r" if is_cut else rest
        if len(self._rest) > self._max_bytes:
            raise TooLarge
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                yield Message(b"\n".join(self._data), self._event)
                self._begin()
            else:
                self._begin()

    def _begin(self) -> None:
        self._event, self._data, self._size = "", [], 0

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"data":
            self._size += len(value)
            if self._size > self._max_bytes:
                raise TooLarge
            self._data.append(value)
