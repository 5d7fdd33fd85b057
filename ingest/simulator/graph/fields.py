"""Field expressions: `id,comments.filter(stream).limit(0).summary(true),reactions.type(LOVE).as(love)`."""

import re
from dataclasses import dataclass, field

_PART = re.compile(r"(\w+)(?:\(([^()]*)\))?")


@dataclass(frozen=True, slots=True)
class Field:
    """A name with its modifiers; `key` is what the answer calls it."""

    name: str
    modifiers: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.modifiers.get("as", self.name)


def parse(text: str) -> list[Field]:
    """Fields at the outer level; what stands in braces is nested and does not matter here.

    >>> [f.key for f in parse("id,from{id,name},reactions.type(LOVE).limit(0).as(love)")]
    ['id', 'from', 'love']
    """
    return [_field(part) for part in _split(text) if part]


def _split(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(text):
        if sign in "({":
            depth += 1
        elif sign in ")}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def _field(text: str) -> Field:
    name, *modifiers = _PART.findall(re.sub(r"\{.*\}", "", text))
    return Field(name[0], dict(modifiers))
