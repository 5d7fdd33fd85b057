"""Records on the source topics: one struct per record type, `schema` first, times in epoch milliseconds UTC.

Unknown is `None`, never 0; a field that has its default is not written. Ids are strings. `version_key` and
`interaction_key` are explained in `identity`, what counts in `docs/semantics.md`.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

SCHEMA = 1
"""Schema version that this code writes. A new optional field keeps it; a changed meaning is a new topic."""

Kind = Literal["reaction", "comment", "share", "follow", "mention"]
Action = Literal["add", "update", "remove", "hide", "unhide"]
Channel = Literal["webhook", "poll", "stream", "replay", "backfill"]
Reaction = Literal["like", "love", "care", "haha", "wow", "sad", "angry", "other"]
Quality = Literal["exact", "approx"]
ValueState = Literal["known", "hidden", "unavailable", "floored"]
Scope = Literal["organic", "paid", "total", "unknown"]

Instant = Annotated[int, Meta(ge=1_072_915_200_000, lt=253_370_764_800_000)]
"""Epoch milliseconds from 2004 to before the year 9999: what a calendar in any zone can hold."""
LARGEST_FIGURE = 10**16
"""Above whatever a platform has counted or anybody was paid (ten thousand million units, in millionths), and so far
below 2^63 that 900 of them can be added in a `bigint`: one absurd number costs itself, never a view that adds it."""
Figure = Annotated[int, Meta(ge=-LARGEST_FIGURE, le=LARGEST_FIGURE)]
"""What a platform reports."""

LIFETIME = "lifetime"
"""`Snapshot.window` of a value that has accumulated since the post was published."""


class EngagementEvent(Struct, frozen=True, gc=False, omit_defaults=True):
    """Something that a person did to a post, a comment or a page. Topic `engagement.events`.

    `post_id` is None for page likes, for mentions and for shares whose post is unknown. `target_id` is the post,
    comment or page that was acted on; `parent_id` the comment that a reply answers. `actor_id` is a pseudonym.
    """

    schema: int
    event_id: str
    platform: str
    account_id: str
    kind: Kind
    action: Action
    interaction_key: str
    version_key: str
    post_id: str | None
    target_id: str
    occurred_at: int
    occurred_quality: Quality
    received_at: int
    channel: Channel
    actor_id: str | None = None
    actor_is_owner: bool = False
    parent_id: str | None = None
    reaction: Reaction | None = None
    reaction_native: str | None = None
    text_length: int | None = None
    language: str | None = None
    mentions: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    text: str | None = None
    organic: Literal["organic", "paid", "mixed", "unknown"] = "unknown"
    ad_id: str | None = None
    url: str | None = None
    source_id: str | None = None
    """Digest of the delivery or id of the poll that brought it: for tracing, not for identity."""
    actor_id_next: str | None = None
    """Who `actor_id` will be with the next identity key, while that is being changed: both are one person."""
    objects_next: dict[str, str] = {}
    """The same of objects in this record that are named by pseudonyms: present name -> next."""


class Snapshot(Struct, frozen=True, gc=False, omit_defaults=True):
    """An absolute value that the platform reports. Topic `engagement.snapshots`.

    `post_id` is None for the account's own metrics. `window` is `lifetime` or `day:YYYY-MM-DD` (the account's
    local date). `as_of` is the platform's clock at the answer. `value` is None unless `value_state` is known.
    """

    schema: int
    platform: str
    account_id: str
    post_id: str | None
    metric: str
    scope: Scope
    window: str
    value: Figure | None
    value_state: ValueState
    as_of: Instant
    received_at: int
    poll_id: str
    source_end_time: int | None = None
    provisional: bool = False


class Post(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a post is, as last read; or that it was deleted. Topic `content.posts`, one record a post.

    A record with `deleted_at` reports the deletion and knows nothing else; the others carry every content field.
    """

    schema: int
    platform: str
    account_id: str
    post_id: str
    as_of: int
    received_at: int
    published_at: int | None = None
    permalink: str | None = None
    format: str | None = None
    text_length: int | None = None
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    is_published: bool | None = None
    promotion_status: str | None = None
    platform_updated_at: int | None = None
    deleted_at: int | None = None


class Tick(Struct, frozen=True, gc=False):
    """Time as data: `as_of` has passed. Written to every partition of each processor's event topic (`topics.TIMED`),
    key `TICK_KEY`.
    """

    schema: int
    as_of: Instant


TICK_KEY = b"tick"
ERASE_KEY = b"erase"
CONTROL_KEYS = frozenset((TICK_KEY, ERASE_KEY))
"""Keys of what is no event on an event topic. They have no colon, so they are never an account's."""


class Erasure(Struct, frozen=True, omit_defaults=True):
    """Somebody is to be nobody. Topic `privacy.erasures`, key `erasure_id`; after that, under the key `ERASE_KEY`, in
    every partition of each processor's event topic.

    What of `pseudonym` occurred or was received before `erased_at` belongs to a nameless person. `produced`, once all
    is written, maps topic -> partition -> next offset: the erasure is through when all of that is applied.
    """

    schema: int
    erasure_id: str
    platform: str
    pseudonym: str
    erased_at: int
    produced: dict[str, dict[int, int]] = {}
    pseudonym_next: str | None = None
    """What they are called with the identity key that is or was the next one; None if nobody says."""


class Person(Struct, frozen=True, omit_defaults=True):
    """How somebody calls themselves. Topic `privacy.people`; written only with `privacy.people = "named"`.

    `name` is a name or handle. `seen_at` is the time of the fact that named them.
    """

    schema: int
    platform: str
    actor_id: str
    name: str
    seen_at: int
    profile_url: str | None = None
    actor_id_next: str | None = None


class Cursor(Struct, frozen=True, omit_defaults=True):
    """How far a source has been read. Topic `ingest.cursors`, one record a source; written after its records are acked.

    `started_at` is the platform's clock at the start of the last successful poll, None before the first one.
    `produced` maps topic -> partition -> next offset behind everything that the poll wrote. `spent`: day -> what its
    requests cost of a limit that counts days. Without an `account_id` it is what is read back of a platform, which has
    no place, and `healthy` is that it has ended.
    """

    schema: int
    source: str
    platform: str
    account_id: str
    started_at: int | None
    overlap_ms: int
    healthy: bool
    recorded_at: int
    state: dict[str, int | str | None] = {}
    produced: dict[str, dict[int, int]] = {}
    spent: dict[str, int] = {}


class Wake(Struct, frozen=True):
    """A platform says that there is something new to read: the poller is to poll `source` (`platform:account:name`) now
    and not only when it is due. Topic `ingest.wakes`, key `source`.
    """

    schema: int
    source: str
    platform: str
    account_id: str
    noticed_at: int


class Listing(Struct, frozen=True, omit_defaults=True):
    """What an object held when it was last read whole: child -> its parent among them, if it has one.

    `absent`: those of the children that this reading lacked and the one before had. `hidden`: those seen as hidden.
    """

    children: dict[str, str | None] = {}
    absent: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


class Subject(Struct, frozen=True, gc=False, omit_defaults=True):
    """What a record of somebody's was about, as far as taking it back must say so again. `actor_id` is a pseudonym."""

    account_id: str
    kind: Kind
    interaction_key: str
    version_key: str
    post_id: str | None
    target_id: str
    actor_id: str
    actor_is_owner: bool = False
    parent_id: str | None = None
    reaction: Reaction | None = None
    is_gone: bool = False
    """It was taken back; it is remembered still, for what its record was must be known if that is told again."""
    seen_at: int = 0
    """When we were told of it, our wall clock: it is forgotten when the topic forgets it. 0: not known."""


class Memory(Struct, frozen=True, omit_defaults=True):
    """What a platform does not tell and a later reading shows by comparison. Topic `ingest.memory`, key
    `source|object_id`; written after the records that follow from the reading are acked.

    `subject`: of a stream's, what the record `object_id` was about, since its deletion will not say so.
    """

    schema: int
    source: str
    object_id: str
    listing: Listing = Listing()
    subject: Subject | None = None


class DeadLetter(Struct, frozen=True):
    """Something that could not be used, kept for replay. Topic `dead-letters`, key `dead_letter_id`.

    `sealed` holds the original bytes, encrypted; `reason` is a word of `contracts.reasons`; `detail` never quotes the
    payload. For a record of a topic, `topic`, `partition` and `offset` say where it lies and `key` what its key was.
    """

    schema: int
    dead_letter_id: str
    stage: Literal["ingest", "processor", "sink"]
    origin: Literal["delivery", "change", "poll", "record"]
    reason: str
    detail: str
    sealed: bytes
    received_at: int
    code_version: str
    platform: str | None = None
    account_id: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    key: bytes | None = None


class FlushMarker(Struct, frozen=True):
    """What one flush of a processor's partition covers. Topic `agg.flushes`, one record a partition.

    `positions`: source topic -> next offset folded. `rows_until`: aggregate topic -> next offset behind the flush's
    rows (only topics that got rows). `newest_event_at` is the greatest accepted fact time so far.
    """

    schema: int
    processor: str
    partition: int
    version: int
    positions: dict[str, int]
    rows_until: dict[str, int]
    events: int
    newest_event_at: int | None
    oldest_received_at: int | None
    newest_received_at: int | None
