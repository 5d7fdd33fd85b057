"""What a platform is to the rest of ingest: a folder with a constant `PLATFORM`, all of it pure.

A folder holds the platform's wire shapes, signature, requests, error table and limits. It does no IO: it is
handed bytes and headers and gives back outcomes, and its readings ask for requests that the poller makes.
Adding a platform adds a folder and edits nothing here.
"""

import importlib
import pkgutil
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cache
from typing import Literal, NamedTuple

from contracts.config import Account, Polling
from contracts.events import Listing, Subject
from contracts.health import PROBLEMS
from ingest.inputs import Delivery as Delivery
from ingest.inputs import Fact as Fact
from ingest.inputs import Limits as Limits
from ingest.inputs import Part as Part
from ingest.inputs import Receipt as Receipt
from ingest.inputs import Setting as Setting
from ingest.inputs import Webhook as Webhook
from ingest.subjects import Subjects

Action = Literal["retry", "wait", "smaller", "refuse", "forbidden", "reauthorise"]
"""What an error calls for: the same again later; a pause for the limit; asking for less; never asking again; and two
that need a person, a permission or a new token."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that the platform reported. `code` is its own word for it. `until_reset`: a limit is spent, and nothing
    is left of it until it is counted anew."""

    action: Action
    code: str
    until_reset: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another host than the platform's own, with an error table of its own. No credentials go there."""

    base_url: str
    failure: Callable[[int, bytes], Failure | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What the poller is to ask: a path under the platform's base address, or that of `elsewhere`. A GET, or with
    `form` a POST of it. `cost`: how much of a limit that counts it takes. `is_optional`: that the token may not have it
    is an answer, too, a refusal."""

    path: str
    params: Mapping[str, str]
    form: Mapping[str, str] | None = None
    elsewhere: Elsewhere | None = None
    cost: int = 1
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request brought. `as_of`: the platform's clock, epoch milliseconds. `receipt`: what else is known of it;
    each answer has its own, for a poll may take long. `failure`: one that the reading must handle itself (`smaller`,
    `refuse`); the poller deals with all others. `link`: the header of that name, which leads to other pages."""

    body: bytes
    as_of: int
    receipt: Receipt
    failure: Failure | None = None
    link: str = ""

    @property
    def received_at(self) -> int:
        """Our wall clock, epoch milliseconds."""
        return self.receipt.received_at


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading has found so far; it goes on when all of it is acknowledged by Kafka."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Remember:
    """What is known of an object from now on; None: nothing. Written when all that was found before is acknowledged."""

    object_id: str
    listing: Listing | None


class PollFailed(Exception):
    """This poll cannot go on; `reason` is a word for the log, `problem` one of `contracts.health.PROBLEMS`, the same if
    it is one. `needs_help`: it will not go on without a person."""

    def __init__(self, reason: str, *, needs_help: bool = False, problem: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.needs_help = needs_help
        self.problem = problem or (reason if reason in PROBLEMS else "platform_error")


State = dict[str, int | str | None]
LEASE_EXPIRES_AT, TOKEN_EXPIRES_AT = "lease_expires_at", "token_expires_at"
"""Names in the state of a source under which it tells when what it lives on ends, on the platform's clock in epoch
milliseconds: its subscription's lease, or the platform's patience with its token."""

Reading = Generator[Request | Found | Remember, Answer | None, State]
"""One thread of reading: yields a Request and is sent its Answer, yields anything else and is sent None.

What it returns is what the source's cursor remembers of it when all readings of the poll have succeeded.
"""


@dataclass(slots=True)
class Known:
    """What the poller remembers of a source between polls.

    `state` is kept in the source's cursor, `memory` by itself: object -> how it was last listed.
    """

    started_at: int | None = None
    state: State = field(default_factory=dict)
    memory: dict[str, Listing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Job:
    """One poll of one source. `known` holds every source of the account by name; `now` is the poller's clock.
    `settings`: the values of each of `Poll.settings` by its name, none for what is not set.

    `is_due(name)`: whether it is the turn of one of the source's items; of one that it does not know yet it always
    is. `is_woken`: whether the platform has said that there is something to look at. `back_to`: how far back to read,
    epoch milliseconds; None: as far as is followed.
    """

    account: Account
    zone: tzinfo
    polling: Polling
    base_url: str
    now: int
    known: Mapping[str, Known]
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_due: Callable[[str], bool] = lambda _name: True
    is_woken: bool = False
    back_to: int | None = None

    @property
    def oldest(self) -> int:
        """What was published before then is not followed any more, epoch milliseconds."""
        return self.now - self.polling.post_age_days * 86_400_000

    @property
    def since(self) -> int:
        """What was published since then is to be read."""
        return self.oldest if self.back_to is None else self.back_to


@dataclass(frozen=True, slots=True)
class Plan:
    """A poll's readings, which may run side by side, and the state that holds without any."""

    readings: list[Reading]
    kept: State = field(default_factory=dict)


class Item(NamedTuple):
    """Something that a source reads by itself, a post for instance. `active_at`: when it last moved, if that is known.
    Both are epoch milliseconds."""

    name: str
    published_at: int
    active_at: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Something that an account is polled for, every `interval` seconds.

    `after` names a source that must have succeeded in this process before. `items` are what it reads of what it
    knows: it is polled more often while some of them are young or busy, and then for those whose turn it is.
    """

    name: str
    interval: Callable[[Polling], int]
    plan: Callable[[Job], Plan]
    after: str | None = None
    items: Callable[[Job], Iterable[Item]] | None = None


Sharing = Literal["app", "host", "account"]
"""Who shares a limit: all accounts of the platform here, those at the same address, or nobody."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may be asked: `amount` of the requests' cost in `seconds` or, with a `zone`, in a day that begins at its
    midnight. Without an amount the answers tell how much is spent."""

    per: Sharing
    amount: int | None = None
    seconds: int = 0
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is spent (1.0 is all), and in how many seconds there is more of it; 0: that is not told.
    `left`: how many requests that leaves, if it is told."""

    ratio: float
    regain_seconds: float = 0.0
    per: Sharing = "account"
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """How the platform is polled. `authorise(token, secrets)` gives the headers and parameters that carry them.

    `token` is for the accounts that name no file of their own; `settings` are what its sources need besides. `limits`
    are those that hold for each request, the narrowest last: that one is spent when an error says so. `at_once`: so
    many requests may be under way at an address. `is_optional`: an account for which there is no token is not polled.
    """

    base_url: Setting
    token: Setting
    secrets: Setting | None
    sources: tuple[Source, ...]
    authorise: Callable[[str, Sequence[str]], tuple[dict[str, str], dict[str, str]]]
    failure: Callable[[int, bytes], Failure | None]
    usage: Callable[[Mapping[str, str]], Usage | None]
    settings: tuple[Setting, ...] = ()
    is_optional: bool = False
    limits: tuple[Limit, ...] = (Limit("app"), Limit("account"))
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a connection for these accounts is to begin: with the message at `position` again; without one, with
    what occurred at `since` (the platform's clock, epoch milliseconds). `is_elsewhere`: another host gave the position.
    """

    accounts: Sequence[Account]
    position: str | None
    since: int
    is_elsewhere: bool
    token: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """What to open under a host's base address. Credentials go into `headers`; names of `params` may repeat."""

    path: str
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """What came over a connection at once. `event`: what a server-sent event calls itself; empty on a websocket."""

    body: bytes
    event: str = ""


class Frame(NamedTuple):
    """What a message means; an empty frame: nothing to anybody.

    `position`: where to go on from once everything in it is acknowledged, None: from where it was; `at`: its time on
    the platform's clock. `subjects`: what is known of records from now on, None: nothing. `failure`: the platform
    reports an error; the connection is closed.
    """

    parts: Sequence[Part] = ()
    position: str | None = None
    at: int | None = None
    subjects: Sequence[tuple[str, Subject | None]] = ()
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """What a stream did not bring: what occurred from `since` to before `until` (the platform's clock, epoch
    milliseconds). `position`: that of the last message before it; None: there was none."""

    position: str | None
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Stream:
    """How the platform tells what happens over a connection that stays open: a websocket or server-sent events.

    `hosts`: base addresses, separated by commas; the next one is tried when one fails. `is_shared`: one connection
    serves all accounts, else each account has its own. `token`: for the accounts that name no file of their own; None:
    none is needed. Nothing for `silence_seconds`, heartbeats included, means that the connection is dead.
    `lookback_ms`: how far back a position still leads; what lies between is a gap. None: there are no positions to
    resume at, so that every new connection leaves a gap behind. `read` is called with the messages in their order, the
    subjects as the frames before left them. `backfill(job, gap)` reads a gap of one account back with the requests of
    `Platform.poll`; if the state that its readings leave has a `position`, and no message came since, that is where to
    go on from.
    """

    kind: Literal["websocket", "events"]
    hosts: Setting
    token: Setting | None
    is_shared: bool
    limits: Limits
    silence_seconds: float
    lookback_ms: int | None
    connect: Callable[[Resume], Address]
    read: Callable[[Message, Receipt, Subjects], Frame]
    backfill: Callable[[Job, Gap], Plan]


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform, by the parts of it that exist."""

    name: str
    webhook: Webhook | None = None
    poll: Poll | None = None
    stream: Stream | None = None


@cache
def load() -> dict[str, Platform]:
    """All platforms by name. Called by the command line, never at import."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return {platform.name: platform for platform in (module.PLATFORM for module in modules)}
