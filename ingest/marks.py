"""What a cursor keeps of a post: how its counter stood, and when."""

from typing import NamedTuple

from ingest.platforms import State


class Mark(NamedTuple):
    """A counter and a time, as the cursor keeps them for a post; an unknown counter is None."""

    counter: int | None
    at: int

    def __str__(self) -> str:
        return f"{'' if self.counter is None else self.counter}@{self.at}"

    @classmethod
    def parse(cls, text: object) -> "Mark | None":
        """Undo `str`; None for what is no mark."""
        counter, _, at = text.partition("@") if isinstance(text, str) else ("", "", "")
        if not at.isdecimal() or not (counter == "" or counter.isdecimal()):
            return None
        return cls(int(counter) if counter else None, int(at))


def marks(state: State) -> dict[str, Mark]:
    """Name -> mark, of everything in a cursor's state that is one."""
    return {name: mark for name, text in state.items() if (mark := Mark.parse(text)) is not None}
