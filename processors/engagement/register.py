"""The register of interactions: what is known of each, and who engaged with which post at all.

Keyed by 64-bit hashes, since that is what fits into memory: at five million entries the chance of any collision
is below one in a million. Written as packed chunks; when most of what the chunks hold is superseded, when they are
many, and from time to time, the register is written anew, a slice a flush, and the old chunks are deleted.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from processors.engagement.facts import (
    ACTION_AND_STATE,
    AUTHOR_SHIFT,
    ON_COMMENT,
    Fact,
    Interaction,
    author_of,
    time_of,
    unpack,
)
from processors.engagement.windows import DAY_MS

CHUNK_ENTRIES = 30_000
CHUNK_BYTES = 480_000
"""What interactions of several facts may make of a chunk: half of what a record may hold."""
_FACT_BYTES = 24
_WORDS = 4
_SLACK = 200_000
"""Superseded entries that are tolerated whatever the size."""
_CHUNKS = 10_000
"""Chunks that are tolerated whatever the size: a quiet partition makes little ones, each a record to read back."""
_LET_GO_MS = 30 * DAY_MS
"""What is too old goes when the register is written anew, which happens at least once while so much time passes."""


class Chunk(msgspec.Struct, array_like=True, gc=False):
    """One record: parallel arrays of packed interactions, (post, actor) pairs, and interactions of several facts.

    Packed interactions with an author are apart; each takes four words: key, author (two), the rest.
    """

    generation: int
    keys: bytes
    values: bytes
    pairs: bytes
    authored: bytes
    several: list[tuple[int, tuple[Fact, ...]]]
    let_go_until: int = 0
    """Epoch ms before which nothing was kept when the register was last written anew."""


class _Generation(msgspec.Struct, array_like=True, gc=False):
    """How each chunk begins."""

    generation: int


_decode_generation = msgspec.msgpack.Decoder(_Generation).decode
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Chunk).decode


class Register:
    """`interactions`: hash -> interaction. `pairs`: hashes of (post, actor) that ever were present, but for those that
    a packed reaction says: its hash is that of the pair.

    Who puts an interaction that was not known before, and is one exact fact, does so in the hot loop by itself: into
    `interactions`, and into `new_keys` and `new_values`, or `changed` if it has an author or a post. `put` takes any
    other.
    `erased` holds the people that no chunk is to name for longer than it takes to write all of it anew.
    """

    def __init__(self, generation: int, erased: Mapping[str | None, object] | None = None) -> None:
        self._generation = generation
        self._erased = {} if erased is None else erased
        self.interactions: dict[int, Interaction] = {}
        self.pairs: set[int] = set()
        self.new_keys: list[int] = []
        self.new_values: list[int] = []
        self.new_pairs = array("Q")
        self.changed: list[int] = []
        self._next_chunk = 0
        self._chunks: dict[int, int] = {}  # number -> entries
        self._rewrite: Rewrite | None = None
        self._names_erased = False
        self._let_go_until: int | None = None
        self.stale: list[bytes] = []

    def put(self, key: int, interaction: Interaction) -> None:
        """Set what is known of an interaction."""
        if says_pair(self.interactions.get(key)) and not says_pair(interaction):
            self._keep_pair(key)
        self.interactions[key] = interaction
        self.changed.append(key)

    def rename(self, actor: str, name: str) -> None:
        """Call a person otherwise in all their facts. The former chunks, which name them, are to go."""
        author = author_of(actor)
        for key, interaction in self.interactions.items():
            if isinstance(interaction, int):
                is_theirs = author is not None and interaction >> AUTHOR_SHIFT == author
            else:
                is_theirs = any(fact.actor == actor for fact in interaction)
            if is_theirs:
                known = unpack(interaction)
                self.put(key, tuple(f._replace(actor=name) if f.actor == actor else f for f in known))
                self._names_erased = True

    def add_pair(self, key: int) -> bool:
        """Note that a person engaged with a post; True the first time."""
        if key in self.pairs or says_pair(self.interactions.get(key)):
            return False
        self._keep_pair(key)
        return True

    def _keep_pair(self, key: int) -> None:
        if key not in self.pairs:
            self.pairs.add(key)
            self.new_pairs.append(key)

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back a chunk, oldest first; a later chunk wins."""
        number = int(key)
        self._next_chunk = max(self._next_chunk, number + 1)
        if value is None:
            self._chunks.pop(number, None)
            return
        if _decode_generation(value).generation < self._generation:  # whatever else an older format says
            self.stale.append(key)
            return
        chunk = _decode(value)
        keys, values, pairs = array("Q"), array("q"), array("Q")
        keys.frombytes(chunk.keys)
        values.frombytes(chunk.values)
        pairs.frombytes(chunk.pairs)
        self.interactions.update(zip(keys, values, strict=True))
        authored = dict(_read_authored(chunk.authored))
        self.interactions.update(authored)
        self.interactions.update(chunk.several)
        if self._erased and self._names_anybody_erased(authored.values(), chunk.several):
            self._names_erased = True
        self.pairs.update(pairs)
        self._let_go_until = max(self._let_go_until or 0, chunk.let_go_until)
        self._chunks[number] = len(keys) + len(pairs) + len(authored) + len(chunk.several)

    def _names_anybody_erased(self, authored: Iterable[int], several: Iterable[tuple[int, tuple[Fact, ...]]]) -> bool:
        numbers = {author_of(actor) for actor in self._erased if actor is not None}
        return any(packed >> AUTHOR_SHIFT in numbers for packed in authored) or any(
            fact.actor in self._erased for _, known in several for fact in known
        )

    def changes(self, oldest: int) -> Iterator[tuple[bytes, bytes | None]]:
        """Chunks that bring the topic up to date. Interactions without a fact since `oldest` (epoch ms) are let go."""
        if self._let_go_until is None:
            self._let_go_until = oldest
        # What was new comes first: it may have become more than one fact since, and a later entry wins.
        yield from self._packed(self.new_keys, self.new_values, self.new_pairs)
        yield from self._written(self.changed)
        self.new_keys, self.new_values, self.new_pairs = [], [], array("Q")
        self.changed = []
        if self._rewrite is None and self._is_to_be_rewritten(oldest - self._let_go_until):
            self._names_erased, self._let_go_until = False, oldest
            self._rewrite = Rewrite(list(self.interactions), array("Q", self.pairs), list(self._chunks))
        if self._rewrite is not None:
            yield from self._rewritten(self._rewrite, oldest)

    def _is_to_be_rewritten(self, time_passed: int) -> bool:
        size = len(self.interactions) + len(self.pairs)
        return (
            self._names_erased
            or time_passed >= _LET_GO_MS
            or len(self._chunks) > _CHUNKS + size // 100
            or sum(self._chunks.values()) > 2 * size + _SLACK
        )

    def _rewritten(self, rewrite: "Rewrite", oldest: int) -> Iterator[tuple[bytes, bytes | None]]:
        keys, pairs = rewrite.slice()
        kept = [key for key in keys if key in self.interactions]
        for key in kept:
            interaction = self.interactions[key]
            if newest_time(interaction) < oldest:
                if says_pair(interaction):
                    pairs.append(key)
                    self.pairs.add(key)
                del self.interactions[key]
        yield from self._written([key for key in kept if key in self.interactions])
        yield from self._packed([], [], pairs)
        if rewrite.done:
            for number in rewrite.obsolete:
                del self._chunks[number]
                yield b"%d" % number, None
            self._rewrite = None

    def _packed(self, keys: list[int], values: list[int], pairs: "array[int]") -> Iterator[tuple[bytes, bytes]]:
        for start in range(0, max(len(keys), len(pairs)), CHUNK_ENTRIES):
            end = start + CHUNK_ENTRIES
            words = array("Q", keys[start:end]), array("q", values[start:end])
            yield self._chunk(_Contents(*words, pairs[start:end]))

    def _written(self, keys: list[int]) -> Iterator[tuple[bytes, bytes]]:
        chunk, weight = _empty(), 0
        for key in dict.fromkeys(keys):
            weight += chunk.add(key, self.interactions[key])
            if weight >= CHUNK_BYTES:
                yield self._chunk(chunk)
                chunk, weight = _empty(), 0
        if weight:
            yield self._chunk(chunk)

    def _chunk(self, contents: "_Contents") -> tuple[bytes, bytes]:
        number, self._next_chunk = self._next_chunk, self._next_chunk + 1
        self._chunks[number] = contents.entries()
        chunk = Chunk(
            self._generation,
            contents.keys.tobytes(),
            contents.values.tobytes(),
            contents.pairs.tobytes(),
            contents.authored.tobytes(),
            contents.several,
            self._let_go_until or 0,
        )
        return b"%d" % number, _encode(chunk)


class _Contents:
    """What goes into one chunk."""

    def __init__(self, keys: "array[int]", values: "array[int]", pairs: "array[int]") -> None:
        self.keys, self.values, self.pairs = keys, values, pairs
        self.authored = array("Q")
        self.several: list[tuple[int, tuple[Fact, ...]]] = []

    def add(self, key: int, interaction: Interaction) -> int:
        """Returns about how many bytes it takes."""
        if isinstance(interaction, int):
            author = interaction >> AUTHOR_SHIFT
            if author:
                rest = interaction & (1 << AUTHOR_SHIFT) - 1
                self.authored.extend((key, author >> 64, author & (1 << 64) - 1, rest))
                return 8 * _WORDS
            self.keys.append(key)
            self.values.append(interaction)
            return 16
        self.several.append((key, interaction))
        return 16 + sum(_FACT_BYTES + len(f.version) + len(f.actor or "") + len(f.post or "") for f in interaction)

    def entries(self) -> int:
        return len(self.keys) + len(self.pairs) + len(self.authored) // _WORDS + len(self.several)


def _read_authored(data: bytes) -> Iterator[tuple[int, int]]:
    words = array("Q")
    words.frombytes(data)
    for key, high, low, rest in zip(*[iter(words)] * _WORDS, strict=True):
        yield key, (high << 64 | low) << AUTHOR_SHIFT | rest


def _empty() -> _Contents:
    return _Contents(array("Q"), array("q"), array("Q"))


class Rewrite:
    """Progress of writing the register anew."""

    def __init__(self, keys: list[int], pairs: "array[int]", obsolete: list[int]) -> None:
        self._keys = keys
        self._pairs = pairs
        self._position = 0
        self.obsolete = obsolete
        self.done = False

    def slice(self) -> tuple[list[int], "array[int]"]:
        """The next keys and pairs to write; `done` after the last."""
        start, end = self._position, self._position + CHUNK_ENTRIES
        self._position = end
        self.done = end >= max(len(self._keys), len(self._pairs))
        return self._keys[start:end], self._pairs[start:end]


def says_pair(interaction: Interaction | None) -> bool:
    """Whether it is a reaction of a person to a post, packed: then they engaged with the post."""
    return isinstance(interaction, int) and interaction & ACTION_AND_STATE < ON_COMMENT


def newest_time(interaction: Interaction) -> int:
    """Time of the newest fact, epoch milliseconds."""
    return time_of(interaction) if isinstance(interaction, int) else max(f.occurred_at for f in interaction)
