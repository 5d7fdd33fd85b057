"""What the poller has of a source: when it is due, what is known of it, and how its poll goes."""

from collections.abc import Callable
from dataclasses import dataclass, field

from contracts.config import Account
from contracts.events import Channel, Listing
from contracts.health import Watched
from ingest.kafka import Offsets
from ingest.platforms import Item, Known, PollFailed, Source, State
from ingest.polling.access import Access
from ingest.polling.agenda import Entry


@dataclass(slots=True)
class Scope:
    """What to read. `once`: every source one time, whole, as `channel`; else on and on. `since`: as far back as that,
    epoch milliseconds; None: as far as the configuration says. `only`: these sources and what they follow."""

    once: bool = False
    channel: Channel = "poll"
    since: int | None = None
    only: Callable[["Schedule"], bool] = lambda _schedule: True


@dataclass(slots=True)
class Round:
    """A poll under way. `errands` are its readings that have not ended, and one for as long as it is being begun."""

    poll_id: str
    state: State
    readings: int
    began: float
    due: dict[str, Item]
    started_at: int | None
    errands: int = 1
    memory: dict[str, Listing | None] = field(default_factory=dict)
    produced: Offsets = field(default_factory=dict)
    halvings: int = 0
    failure: PollFailed | None = None


@dataclass(eq=False, slots=True)
class Schedule:
    """A source of an account: when it is due, what is known of it, and its poll while there is one.

    `produced` is what was written since the last success: a cursor speaks for failed polls before it as well. `spent`:
    day -> what it has cost of a limit that counts days.
    """

    account: Account
    access: Access
    source: Source
    entry: Entry
    known: Known
    produced: Offsets = field(default_factory=dict)
    spent: dict[str, int] = field(default_factory=dict)
    poll: Round | None = None
    is_over: bool = False

    @property
    def name(self) -> str:
        return self.watched.source

    @property
    def watched(self) -> Watched:
        return Watched(self.account.platform, self.account.id, self.source.name, "poll")
