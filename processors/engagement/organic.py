"""The processor `organic`: what becomes of each record of its sources. The state of one partition."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from contracts import topics
from contracts.codec import UndecodableRecord, decoder
from contracts.config import Config
from contracts.events import LIFETIME, TICK_KEY, Snapshot, Tick
from contracts.events import Post as PostRecord
from contracts.identity import account_key, nameless
from processors.engagement import conversation, interactions, spikes, store
from processors.engagement.accounts import Account
from processors.engagement.aliases import Aliases
from processors.engagement.community import Common
from processors.engagement.counters import LastKnown, PostMetric, describe, new_post_row
from processors.engagement.erasures import Erasures
from processors.engagement.membership import Writer
from processors.engagement.register import Register
from processors.engagement.rows import DIRTY, Row
from processors.engagement.rows import written as rows_written
from processors.engagement.standing import Rules
from processors.engagement.windows import DAY_MS, HOUR_MS, Horizons, date_number, date_of
from processors.engine.state import Change, Processor, Record, Rejected, Tally

_read_tick = decoder(Tick)
_read_snapshot = decoder(Snapshot)
_read_post = decoder(PostRecord)


def processor(config: Config) -> Processor:
    """The processor as the engine runs it."""
    return Processor(
        name="organic",
        sources=tuple(topic.name for topic in topics.ORGANIC_SOURCES),
        state_topics=(topics.STATE_ALIASES.name, topics.STATE_ACCOUNTS.name, topics.STATE_INTERACTIONS.name),
        aggregate_topics=tuple(topic.name for topic in topics.aggregates(config.retention, "organic")),
        checkpoint_topic=topics.STATE_CHECKPOINT.name,
        flushes_topic=topics.FLUSHES.name,
        notices=(topics.ERASURES.name,),
        state_format=3,
        new_state=lambda generation, partition, partitions: Organic(config, generation, partition, partitions),
    )


class Organic:
    """Implements `PartitionState`: everything known of the accounts of one partition."""

    def __init__(self, config: Config, generation: int, partition: int, partitions: int) -> None:
        self.tally = Tally()
        self.rejected: list[Rejected] = []
        self.newest_event_at: int | None = None
        self.generation = generation
        self.ticked_at = 0
        self.time_changed = False
        self.accounts: dict[bytes, Account] = {}
        self._last_account: Account | None = None
        self.erasures = Erasures()
        self.aliases = Aliases(topics.STATE_ALIASES.name, generation, self.erasures)
        self.register = Register(generation, self.erasures.persons)
        self.metrics: dict[tuple[str, ...], PostMetric] = {}
        self.account_metrics: dict[tuple[str, ...], LastKnown] = {}
        self.contents: dict[tuple[str, ...], Row] = {}
        self.stale_keys: dict[tuple[str, bytes], None] = {}
        self._zones = {(a.platform, a.id): a.zone for a in config.accounts}
        self.limits = Horizons.of(config.retention)
        rules = Rules(config.community.weights)
        self._common = Common(self.limits.day, rules, Writer(rules, config.community), self.touch)
        self._partition, self._partitions = partition, partitions
        self._oldest_figures = ""
        self._counted_at = 0
        self.dirty: list[Row] = []

    def load(self, topic: str, records: Sequence[Record]) -> None:
        store.load(self, topic, records)

    def fold(self, topic: str, records: Sequence[Record]) -> None:
        if topic == topics.EVENTS.name:
            interactions.fold(self, records)
            return
        fold = self._fold_snapshot if topic == topics.SNAPSHOTS.name else self._fold_post
        for record in records:
            try:
                fold(record[2] or b"")
            except UndecodableRecord as error:
                self.reject(topic, record, error)

    def changes(self, version: int) -> Iterator[Change]:
        spikes.judge(self)
        for account in self.accounts.values():
            account.community.settle()
        dirty, self.dirty = self.dirty, []
        oldest = min((a.newest for a in self.accounts.values()), default=0) - self.limits.interaction
        chunks = ((topics.STATE_INTERACTIONS.name, *chunk) for chunk in self.register.changes(oldest))
        written = chain(rows_written(dirty, version), store.changes(self, version), chunks, self.aliases.changes())
        return self._noted(written) if self.stale_keys else written

    def _noted(self, written: Iterable[Change]) -> Iterator[Change]:
        """What is written is not stale."""
        for change in written:
            self.stale_keys.pop(change[:2], None)
            yield change

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
            "posts": sum(len(a.post_ids) for a in self.accounts.values()),
            "members": sum(len(a.community.people) for a in self.accounts.values()),
            "interactions": len(self.register.interactions),
            "pairs": len(self.register.pairs),
            "comments": sum(len(a.conversation.rows) for a in self.accounts.values()),
            "aliases": len(self.aliases.names),
            "unlinked_members": self.aliases.unlinked,
        }

    def account(self, platform: str, account_id: str) -> Account:
        """The account, made on first sight. One that is not configured has its days in UTC."""
        account = self._last_account  # what is read back lies together by account
        if account is not None and account.account_id == account_id and account.platform == platform:
            return account
        key = account_key(platform, account_id)
        account = self._last_account = self.accounts.get(key)
        if account is None:
            zone = self._zones.get((platform, account_id), "UTC")
            account = Account(platform, account_id, zone, self._common)
            account.resume(self.ticked_at)
            self.accounts[key] = self._last_account = account
        return account

    def touch(self, row: Row) -> None:
        """`row` changed."""
        if not row[DIRTY]:
            row[DIRTY] = 1
            self.dirty.append(row)

    def control(self, key: bytes | None, value: bytes) -> None:
        """What is no event: time, or an erasure."""
        if key == TICK_KEY:
            self.tick(value)
        else:
            self.erase(value)

    def erase(self, value: bytes) -> None:
        """All that is known of a person is a nameless one's from now on; no number changes."""
        erasure = self.erasures.learn(value)
        following, accounts = erasure.pseudonym_next, list(self.accounts.values())
        accounts = [account for account in accounts if account.platform == erasure.platform]
        if following is not None and any(following in account.community.people for account in accounts):
            self._rename(accounts, following, self.erasures.apart(erasure, following))
        self._rename(accounts, self.aliases.erased(erasure), nameless(erasure.erasure_id))

    def _rename(self, accounts: Sequence[Account], actor: str, name: str) -> None:
        self.register.rename(actor, name)
        for account in accounts:
            account.community.rename(actor, name)
            conversation.erase(self, account, actor, name)

    def tick(self, value: bytes) -> None:
        """Time has passed: what nothing can change any more is let go."""
        as_of = _read_tick(value).as_of
        if as_of <= self.ticked_at:
            return
        self.ticked_at, self.time_changed = as_of, True
        for account in self.accounts.values():
            self.advance(account, as_of)
            if account.newest - account.evicted_at >= HOUR_MS:
                account.evict(self.limits)
        for metric in self.metrics.values():
            metric.evict(as_of - self.limits.hour - HOUR_MS + 1)
        self._let_go_of_days(as_of)
        self._count_unlinked(as_of)

    def _let_go_of_days(self, as_of: int) -> None:
        """Forget the accounts' own figures of days that are too old."""
        oldest = date_of((as_of - self.limits.day) // DAY_MS - 1)
        if oldest != self._oldest_figures:
            self._oldest_figures = oldest
            for grain in [grain for grain in self.account_metrics if grain[-1] < oldest]:
                del self.account_metrics[grain]

    def _count_unlinked(self, as_of: int) -> None:
        """Once an hour, if the identity key is or was changed: who would not be known under the next."""
        if self.aliases.names and as_of - self._counted_at >= HOUR_MS:
            self._counted_at = as_of
            self.aliases.count(chain.from_iterable(account.community.people for account in self.accounts.values()))

    def advance(self, account: Account, time_ms: int) -> None:
        """Time of an account has come to `time_ms`."""
        if time_ms >= account.spikes.turns_at:
            spikes.turn(self, account, time_ms)
        if time_ms >= account.community.today_ends:
            account.community.turn(time_ms)
        account.advance(time_ms)

    def saw_event_at(self, time_ms: int) -> None:
        """A fact was accepted."""
        if self.newest_event_at is None or time_ms > self.newest_event_at:
            self.newest_event_at, self.time_changed = time_ms, True

    def _fold_snapshot(self, value: bytes) -> None:
        seen = _read_snapshot(value)
        account = self._own_account(seen.platform, seen.account_id)
        if seen.post_id is None:
            date = _date_of(seen.window)
            if account.zone.day(date_number(date)).end <= account.newest - self.limits.day:
                self.late("day")
                return
            grain = (seen.platform, seen.account_id, seen.metric, seen.scope, date)
            for row in self.account_metric(grain).observe(seen):
                self.touch(row)
            return
        if seen.window != LIFETIME:
            raise UndecodableRecord("invalid_record", "a post's counter has the window lifetime")
        metric = self.post_metric((seen.platform, seen.account_id, seen.post_id, seen.metric, seen.scope))
        if seen.as_of // HOUR_MS * HOUR_MS + HOUR_MS <= account.newest - self.limits.hour:
            self.late("hour")
        else:
            for row in metric.observe_hour(seen):
                self.touch(row)
        for row in metric.observe(seen):
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

    def account_of(self, key: bytes | None) -> Account:
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

    def reject(self, topic: str, record: Record, error: UndecodableRecord) -> None:
        offset, key, value = record
        self.rejected.append(Rejected(topic, offset, key, value, error.reason, error.detail))

    def late(self, grain: str) -> None:
        self.tally.late_events[grain] = self.tally.late_events.get(grain, 0) + 1


def _date_of(window: str) -> str:
    kind, _, date = window.partition(":")
    try:
        is_date = kind == "day" and "2004" < date < "9999" and date_of(date_number(date)) == date
    except ValueError:
        is_date = False
    if not is_date:
        raise UndecodableRecord("invalid_record", "an account's figure has a window day:YYYY-MM-DD")
    return date
