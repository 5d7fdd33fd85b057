"""The processor `organic`: what becomes of each record of its sources. The state of one partition."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct
from xxhash import xxh3_64_intdigest

from contracts import topics
from contracts.codec import UndecodableRecord, decoder
from contracts.config import Config
from contracts.events import LIFETIME, TICK_KEY, Action, Kind, Quality, Reaction, Snapshot, Tick
from contracts.events import Post as PostRecord
from contracts.identity import account_key
from processors.engagement import accounts as memory
from processors.engagement import facts, presences, store
from processors.engagement.accounts import POST_UNIQUE, Account, Post
from processors.engagement.counters import LastKnown, PostMetric, describe, new_post_row
from processors.engagement.facts import KINDS, Fact, contribution
from processors.engagement.register import Register
from processors.engagement.rows import DIRTY, VALUES, Row, written
from processors.engagement.windows import HOUR_MS, MINUTE_MS, Horizons
from processors.engine.state import Change, Processor, Record, Rejected, Tally

Instant = Annotated[int, Meta(ge=1_072_915_200_000, lt=253_402_300_800_000)]
"""Epoch milliseconds from 2004 to the year 9999: what a packed fact can hold."""


class Event(Struct, gc=False):
    """What the fold needs of an `EngagementEvent`; the rest is not even decoded."""

    schema: int
    kind: Kind
    action: Action
    interaction_key: str
    version_key: str
    post_id: str | None
    target_id: str
    occurred_at: Instant
    occurred_quality: Quality
    received_at: int
    actor_id: str | None = None
    actor_is_owner: bool = False
    parent_id: str | None = None
    reaction: Reaction | None = None


_read_event = decoder(Event)
_read_tick = decoder(Tick)
_read_snapshot = decoder(Snapshot)
_read_post = decoder(PostRecord)
_EFFECTS = facts.Effects(memory.COUNT_COLUMNS)
_ADDED = tuple(tuple(VALUES + column for column, _ in effect) for effect in _EFFECTS.added)
"""For each state, where in a row an addition counts."""


def processor(config: Config) -> Processor:
    """The processor as the engine runs it."""
    return Processor(
        name="organic",
        sources=tuple(topic.name for topic in topics.ORGANIC_SOURCES),
        state_topics=(topics.STATE_ACCOUNTS.name, topics.STATE_INTERACTIONS.name),
        aggregate_topics=tuple(topic.name for topic in topics.aggregates(config.retention)),
        checkpoint_topic=topics.STATE_CHECKPOINT.name,
        flushes_topic=topics.FLUSHES.name,
        new_state=lambda generation, partition, partitions: Organic(
            config, generation, partition, partitions
        ),
    )


def kind_of(event: Event) -> int:
    """The number of what was done: a reaction by its type and target, a comment, a reply, a share, a page like."""
    if event.kind == "reaction":
        base = facts.ON_POST if event.target_id == event.post_id else facts.ON_COMMENT
        return base + facts.REACTION_OF[event.reaction or "other"]
    if event.kind == "comment":
        return facts.COMMENT if event.parent_id is None else facts.REPLY
    return facts.SHARE if event.kind == "share" else facts.FOLLOW


class Organic:
    """Implements `PartitionState`: everything known of the accounts of one partition."""

    def __init__(self, config: Config, generation: int, partition: int, partitions: int) -> None:
        self.tally = Tally()
        self.rejected: list[Rejected] = []
        self.newest_event_at: int | None = None
        self.generation = generation
        self.ticked_at = 0
        self.tick_changed = False
        self.accounts: dict[bytes, Account] = {}
        self.register = Register(generation)
        self.metrics: dict[tuple[str, ...], PostMetric] = {}
        self.account_metrics: dict[tuple[str, ...], LastKnown] = {}
        self.contents: dict[tuple[str, ...], Row] = {}
        self.changed_members: dict[tuple[Account, str], None] = {}
        self.stale_keys: dict[tuple[str, bytes], None] = {}
        self._zones = {(a.platform, a.id): a.zone for a in config.accounts}
        self._limits = Horizons.of(config.retention)
        self._partition, self._partitions = partition, partitions
        self._dirty: list[Row] = []

    def load(self, topic: str, records: Sequence[Record]) -> None:
        store.load(self, topic, records)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        if topic == topics.EVENTS.name:
            self._fold_events(records)
            return
        fold = self._fold_snapshot if topic == topics.SNAPSHOTS.name else self._fold_post
        for record in records:
            try:
                fold(record[2] or b"")
            except UndecodableRecord as error:
                self._reject(topic, record, error)

    def changes(self, version: int) -> Iterator[Change]:
        dirty, self._dirty = self._dirty, []
        rows: dict[str, int] = {}
        for row in dirty:
            for change in written(row, version):
                rows[change[0]] = rows.get(change[0], 0) + 1
                yield change
                if self.stale_keys:
                    self.stale_keys.pop(change[:2], None)
        self.tally.rows = rows
        yield from store.changes(self)
        oldest = min((a.newest for a in self.accounts.values()), default=0) - self._limits.interaction
        for key, value in self.register.changes(oldest):
            yield topics.STATE_INTERACTIONS.name, key, value

    def stale(self) -> Iterator[Change]:
        for topic, key in self.stale_keys:
            yield topic, key, None
        for key in self.register.stale:
            yield topics.STATE_INTERACTIONS.name, key, None
        self.stale_keys = {}
        self.register.stale = []

    def entries(self) -> dict[str, int]:
        return {
            "accounts": len(self.accounts),
            "posts": sum(len(a.posts) for a in self.accounts.values()),
            "members": sum(len(a.members) for a in self.accounts.values()),
            "interactions": len(self.register.interactions),
            "pairs": len(self.register.pairs),
        }

    def account(self, platform: str, account_id: str) -> Account:
        """The account, made on first sight. One that is not configured has its days in UTC."""
        key = account_key(platform, account_id)
        account = self.accounts.get(key)
        if account is None:
            account = Account(platform, account_id, self._zones.get((platform, account_id), "UTC"))
            account.newest = self.ticked_at
            self.accounts[key] = account
        return account

    def touch(self, row: Row) -> None:
        """`row` changed."""
        if not row[DIRTY]:
            row[DIRTY] = 1
            self._dirty.append(row)

    # -- events -------------------------------------------------------------------------------------------------

    def _fold_events(self, records: Sequence[Record]) -> None:
        """The hot loop: a new fact with an exact time, which nearly all are, is counted right here."""
        known_interactions, put = self.register.interactions, self.register.put
        recent, tally = self._limits.minute, self.tally
        for record in records:
            key = record[1]
            try:
                if key == TICK_KEY:
                    self._tick(_read_tick(record[2] or b"").as_of)
                    continue
                event = _read_event(record[2] or b"")
                account = self.accounts.get(key) if key is not None else None
                if account is None:
                    account = self._account_of(key)
            except UndecodableRecord as error:
                self._reject(topics.EVENTS.name, record, error)
                continue
            tally.events += 1
            received_at = event.received_at
            if tally.oldest_received_at is None or received_at < tally.oldest_received_at:
                tally.oldest_received_at = received_at
            if tally.newest_received_at is None or received_at > tally.newest_received_at:
                tally.newest_received_at = received_at
            time_ms = event.occurred_at
            kind = kind_of(event)
            actor = event.actor_id
            who = facts.OWNER if event.actor_is_owner else facts.PERSON if actor else facts.ANONYMOUS
            state = who * KINDS + kind
            interaction = xxh3_64_intdigest(event.interaction_key.encode(), account.seed)
            known = known_interactions.get(interaction)
            plain = (
                event.action == "add"
                and event.occurred_quality == "exact"
                and event.version_key == facts.canonical_version(time_ms, facts.ADD, state)
            )
            if plain and known == time_ms << 8 | state:
                tally.duplicate_facts += 1
                tally.ambiguous_events += who == facts.ANONYMOUS and kind not in _HAVE_IDS
            elif plain and known is None and time_ms > account.newest - recent and _placed(event):
                put(interaction, time_ms << 8 | state)
                self._count(account, event, time_ms, state)
            else:
                self._weigh(account, event, record, interaction, state)

    def _count(self, account: Account, event: Event, time_ms: int, state: int) -> None:
        """Count a new addition that is too old for no window."""
        if time_ms > account.newest:
            account.advance(time_ms)
            if self.newest_event_at is None or time_ms > self.newest_event_at:
                self.newest_event_at = time_ms
        columns, dirty = _ADDED[state], self._dirty
        minute = time_ms // MINUTE_MS
        open_rows = account.open if minute == account.minute else account.open_rows(time_ms, minute)
        assert open_rows is not None
        rows: tuple[Row, ...] = open_rows
        post = None
        if event.post_id is not None:
            post = account.posts.get(event.post_id) or account.post(event.post_id)
            of_post = post.open if minute == post.minute else account.open_post_rows(post, time_ms, minute)
            assert of_post is not None
            rows = (*rows, *of_post, post.life)
        for row in rows:
            for column in columns:
                row[column] += 1
            if not row[DIRTY]:
                row[DIRTY] = 1
                dirty.append(row)
        if state >= KINDS * facts.OWNER:
            return
        if post is not None and state % KINDS < facts.ON_COMMENT:
            self._stand(post, state % KINDS, 1)
        if event.actor_id is not None:
            self._present(account, post, event.actor_id, time_ms)

    def _weigh(self, account: Account, event: Event, record: Record, interaction: int, state: int) -> None:
        """Take any fact in: the old contribution of its interaction gives way to the new one."""
        if event.occurred_at <= account.newest - self._limits.interaction:
            self._late("interaction")
            return
        if not _placed(event):
            self._reject(
                topics.EVENTS.name,
                record,
                UndecodableRecord("missing_field", f"{event.kind} without post_id"),
            )
            return
        old = facts.unpack(self.register.interactions.get(interaction))
        fact = Fact(
            event.occurred_at,
            facts.ACTION_OF[event.action],
            state,
            event.occurred_quality != "exact",
            event.version_key,
            event.actor_id,
        )
        new = facts.merge(old, fact)
        standalone = event.actor_id is None and state % KINDS not in _HAVE_IDS
        if new is old:
            self.tally.duplicate_facts += 1
            self.tally.ambiguous_events += standalone
            return
        if len(new) > facts.MOST_FACTS:
            self._reject(
                topics.EVENTS.name, record, UndecodableRecord("too_many_facts", f"over {facts.MOST_FACTS}")
            )
            return
        self.register.put(interaction, new)
        before = facts.same_fact(old, fact)
        if before is None:
            for grain in account.too_old_grains(event.occurred_at, self._limits):
                self._late(grain)
        account.advance(event.occurred_at)
        self.newest_event_at = max(self.newest_event_at or 0, event.occurred_at)
        post = None if event.post_id is None else account.post(event.post_id)
        self._replace(
            account, post, contribution(old, standalone, _EFFECTS), contribution(new, standalone, _EFFECTS)
        )
        self._move_presence(account, post, before, facts.same_fact(new, fact), event.actor_id)

    def _replace(
        self, account: Account, post: Post | None, old: facts.Contribution, new: facts.Contribution
    ) -> None:
        """Move the rows by the signed difference of two contributions."""
        difference = Counter(new.effects)
        difference.subtract(old.effects)
        for (time_ms, columns), times in difference.items():
            if times:
                for row in account.rows_at(post, time_ms, self._limits):
                    for column, amount in columns:
                        row[VALUES + column] += times * amount
                    self.touch(row)
        if post is not None and old.standing != new.standing:
            for standing, sign in ((old.standing, -1), (new.standing, 1)):
                for reaction, amount in standing.items():
                    self._stand(post, reaction, sign * amount)

    def _stand(self, post: Post, reaction: int, amount: int) -> None:
        row = post.reaction_row(facts.REACTIONS[reaction])
        row[VALUES] += amount
        self.touch(row)

    def _move_presence(
        self, account: Account, post: Post | None, before: Fact | None, after: Fact | None, actor: str | None
    ) -> None:
        """A fact that adds or changes something makes its person present at its time."""
        assert after is not None
        person = after.actor or actor
        if (
            after.action not in (facts.ADD, facts.UPDATE)
            or after.state // KINDS != facts.PERSON
            or person is None
        ):
            return
        if before is not None and before.state // KINDS == facts.PERSON:
            old_day, new_day = (account.zone.day_of(f.occurred_at) for f in (before, after))
            if old_day == new_day:
                return
            presences.depart(account, person, old_day, self._limits.day, self.touch)
        self._present(account, post, person, after.occurred_at)

    def _present(self, account: Account, post: Post | None, actor: str, time_ms: int) -> None:
        if post is not None:
            pair = xxh3_64_intdigest(f"{post.grain[2]}|{actor}".encode(), account.seed)
            if self.register.add_pair(pair):
                post.life[POST_UNIQUE] += 1
                self.touch(post.life)
        presences.arrive(account, actor, account.day_of(time_ms), self._limits.day, self.touch)
        self.changed_members[account, actor] = None

    def _tick(self, as_of: int) -> None:
        if as_of <= self.ticked_at:
            return
        self.ticked_at, self.tick_changed = as_of, True
        for account in self.accounts.values():
            account.advance(as_of)
            if account.newest - account.evicted_at >= HOUR_MS:
                account.evict(self._limits)
        for metric in self.metrics.values():
            metric.evict(as_of - self._limits.hour - HOUR_MS + 1)

    # -- snapshots and posts ------------------------------------------------------------------------------------

    def _fold_snapshot(self, value: bytes) -> None:
        seen = _read_snapshot(value)
        account = self._own_account(seen.platform, seen.account_id)
        if seen.post_id is None:
            grain = (seen.platform, seen.account_id, seen.metric, seen.scope, _date_of(seen.window))
            for row in self.account_metric(grain).observe(seen):
                self.touch(row)
            return
        if seen.window != LIFETIME:
            raise UndecodableRecord("invalid_record", "a post's counter has the window lifetime")
        metric = self.post_metric((seen.platform, seen.account_id, seen.post_id, seen.metric, seen.scope))
        for row in metric.observe(seen):
            self.touch(row)
        if seen.as_of // HOUR_MS * HOUR_MS + HOUR_MS <= account.newest - self._limits.hour:
            self._late("hour")
            return
        for row in metric.observe_hour(seen):
            self.touch(row)

    def _fold_post(self, value: bytes) -> None:
        post = _read_post(value)
        self._own_account(post.platform, post.account_id)
        row = self.content((post.platform, post.account_id, post.post_id))
        if describe(row, post):
            self.touch(row)

    def post_metric(self, grain: tuple[str, ...]) -> PostMetric:
        metric = self.metrics.get(grain)
        if metric is None:
            metric = self.metrics[grain] = PostMetric(grain)
        return metric

    def account_metric(self, grain: tuple[str, ...]) -> LastKnown:
        metric = self.account_metrics.get(grain)
        if metric is None:
            metric = self.account_metrics[grain] = LastKnown.of_account(grain)
        return metric

    def content(self, grain: tuple[str, ...]) -> Row:
        row = self.contents.get(grain)
        if row is None:
            row = self.contents[grain] = new_post_row(grain)
        return row

    # -- what cannot be used ------------------------------------------------------------------------------------

    def _account_of(self, key: bytes | None) -> Account:
        """The account that a record key of `engagement.events` names."""
        platform, _, account_id = (key or b"").decode(errors="replace").partition(":")
        if not platform or not account_id:
            raise UndecodableRecord("invalid_record", "the key is not platform:account")
        return self._own_account(platform, account_id)

    def _own_account(self, platform: str, account_id: str) -> Account:
        """One writer per row: an account's records lie in one partition, or not one of them is used."""
        key = account_key(platform, account_id)
        if key not in self.accounts and topics.partition_of(key, self._partitions) != self._partition:
            raise UndecodableRecord("foreign_partition", f"not one of partition {self._partition}")
        return self.account(platform, account_id)

    def _reject(self, topic: str, record: Record, error: UndecodableRecord) -> None:
        offset, key, value = record
        self.rejected.append(Rejected(topic, offset, key, value, error.reason, error.detail))

    def _late(self, grain: str) -> None:
        self.tally.late_events[grain] = self.tally.late_events.get(grain, 0) + 1


_HAVE_IDS = (facts.COMMENT, facts.REPLY, facts.SHARE)
"""Kinds whose interactions are named by an id of the platform; the others need an actor."""


def _placed(event: Event) -> bool:
    """Reactions and comments need a post; page likes have none, and a share's may be unknown."""
    return event.post_id is not None or event.kind in ("share", "follow")


def _date_of(window: str) -> str:
    kind, _, date = window.partition(":")
    if kind != "day" or len(date) != 10:
        raise UndecodableRecord("invalid_record", "an account's figure has a window day:YYYY-MM-DD")
    return date
