"""The poller as a process: its parts put together from the settings."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from contracts import codec
from contracts.config import Account, Config, Polling
from contracts.events import Cursor, Listing, Memory, Wake
from contracts.topics import CURSORS, HEALTH, INPUTS, MEMORY, WAKES
from ingest.health import Watch, recorded
from ingest.intake import Intake
from ingest.kafka import KafkaAway, Producer, following, merge, newest
from ingest.platforms import Known, Platform, Poll, PollFailed, Source
from ingest.polling.access import Access, Lanes
from ingest.polling.agenda import Entry
from ingest.polling.http import Http
from ingest.polling.notebook import Notebook
from ingest.polling.poller import Poller
from ingest.polling.reader import Reader
from ingest.polling.schedule import Schedule, Scope
from ingest.polling.share import Share
from ingest.records import Records
from ingest.settings import PollSettings, text_of, texts_of
from runtime.clock import Clock, wall_ms
from runtime.health import Health, serve
from runtime.instruments import Instruments
from runtime.logging import get_logger
from runtime.seal import Sealer
from runtime.settings import SettingsError, variable
from runtime.shutdown import stop_event

WRITE_SECONDS = 10.0
USUAL_POSTS_SECONDS = Polling().posts_seconds
WAKE_RETRY_SECONDS = 5.0
POLLERS_SHARE = 0.8
"""Part of each limit that the poller may use; the rest is for what is read back beside it."""

log = get_logger()


class NothingToPoll(Exception):
    """No configured account has a source of the scope."""


def run(settings: PollSettings, config: Config, platforms: Mapping[str, Platform], scope: Scope) -> bool:
    """Poll until a signal, or what is read once; whether every source succeeded the last time. Raises `KafkaAway` at
    the start. What is read as a backfill goes beside a poller, whose cursors and memory it leaves alone; raises `Taken`
    if another does so."""
    stop = stop_event()
    is_lasting = scope.channel == "poll"
    servers = settings.kafka_bootstrap_servers
    cursors = read_cursors(servers)
    memory = read_memory(servers) if is_lasting else {}
    instruments, health, records = Instruments(), Health("kafka"), Records(config.partitions)
    sealer = Sealer.of(settings.seal_key)
    key, key_next = settings.identity_keys
    intake = Intake(config, platforms, key, sealer, records, key_next)
    producer = Producer(
        servers,
        "engagement-poller" if is_lasting else "engagement-backfill",
        records.counts((*INPUTS, CURSORS, HEALTH, MEMORY)),
        delivery_seconds=WRITE_SECONDS,
        linger_ms=5,
        on_state=lambda is_up: health.ready("kafka", is_up),
    )
    clock = Clock.parse(settings.clock)
    lanes = Lanes(POLLERS_SHARE if is_lasting else 1 - POLLERS_SHARE, clock)
    watch = Watch(records, clock.now_ms, wall_ms, recorded(servers) if is_lasting else {})
    schedules = list(scheduled(accesses(settings, config, platforms), config.polling, cursors, memory, lanes, scope))
    if scope.once and not schedules:
        raise NothingToPoll
    for schedule in schedules:
        watch.follow(schedule.watched)
        expires_at = schedule.account.access_token_expires_at
        watch.token_expires(schedule.watched, None if expires_at is None else int(expires_at.timestamp() * 1000))
    share = Share(schedules, lanes, cursors, producer, records)
    beside = (lambda: None) if is_lasting else share.keep
    notebook = Notebook(
        config.polling, producer, records, watch, clock, instruments, health, is_lasting=is_lasting, beside=beside
    )
    poller = Poller(
        config.polling,
        schedules,
        lanes,
        Reader(Http(), intake, producer, records, clock, instruments, channel=scope.channel, is_lasting=is_lasting),
        notebook,
        clock,
        instruments,
        stop.is_set,
        concurrency=settings.poll_concurrency,
        scope=scope,
    )
    with serve(health, instruments.registry, settings):
        if not is_lasting:
            share.take()
        log.info("poller_started", sources=len(schedules), cursors=len(cursors), once=scope.once)
        if not scope.once:
            Thread(target=_wake, args=(servers, poller, stop), name="wakes", daemon=True).start()
        succeeded = poller.run()
        if is_lasting:
            notebook.write_health()
        else:
            share.end()
    producer.close()
    log.info("poller_stopped", succeeded=succeeded)
    return succeeded


def _wake(servers: str, poller: Poller, stop: Event) -> None:
    """Pass on which sources have something new; while Kafka is away they are polled when they are due."""
    decode = codec.decoder(Wake)
    while not stop.is_set():
        try:
            for value in following(servers, WAKES.name, stop):
                with suppress(codec.UndecodableRecord):
                    poller.wake(decode(value).source)
        except KafkaAway as error:
            log.warning("wakes_not_read", error=str(error))
            stop.wait(WAKE_RETRY_SECONDS)


def scheduled(
    accounts: Iterable[tuple[Account, Access]],
    polling: Polling,
    cursors: Mapping[str, Cursor],
    memory: Mapping[str, Mapping[str, Listing]],
    lanes: Lanes,
    scope: Scope,
) -> Iterator[Schedule]:
    """The sources of a scope. What is in their cursors is not read again, unless all is read once; what they have spent
    of a day counts in the poller, which spent it, and not in what is read beside it. `memory`: source -> object -> its
    last listing."""
    for account, access in accounts:
        schedules = {
            source.name: _schedule(account, access, source, polling, cursors, memory, lanes, scope)
            for source in access.poll.sources
        }
        wanted = {name for name, schedule in schedules.items() if scope.only(schedule)}
        for schedule in schedules.values():
            if schedule.source.name in wanted and schedule.source.after is not None:
                wanted.add(schedule.source.after)
        yield from (schedule for name, schedule in schedules.items() if name in wanted)


def _schedule(
    account: Account,
    access: Access,
    source: Source,
    polling: Polling,
    cursors: Mapping[str, Cursor],
    memory: Mapping[str, Mapping[str, Listing]],
    lanes: Lanes,
    scope: Scope,
) -> Schedule:
    entry = Entry(float(source.interval(polling)), polling.page_size, polling.posts_seconds / USUAL_POSTS_SECONDS)
    schedule = Schedule(account, access, source, entry, Known())
    schedule.known.memory = dict(memory.get(schedule.name, {}))
    cursor = cursors.get(schedule.name)
    if cursor is None:
        return schedule
    lane = lanes.of(access, account.id)
    for day, units in cursor.spent.items() if scope.channel == "poll" else ():
        schedule.spent[day] = units
        for budget in (*lane.gate.budgets, *lane.budgets):
            budget.recall(day, units)
    if not scope.once:
        schedule.known.started_at = cursor.started_at
        schedule.known.state = dict(cursor.state)
        if not cursor.healthy:
            merge(schedule.produced, cursor.produced)
    return schedule


def accesses(
    settings: PollSettings, config: Config, platforms: Mapping[str, Platform]
) -> Iterator[tuple[Account, Access]]:
    """Every account that can be polled, and how; raises `SettingsError` for one without a token."""
    for account in config.accounts:
        platform = platforms[account.platform]
        poll = platform.poll
        if poll is not None and not (poll.is_optional and _has_no_token(settings, account, poll)):
            yield (
                account,
                Access(
                    platform=platform,
                    poll=poll,
                    base_url=_address(text_of(settings, poll.base_url), account),
                    token=_token(settings, account, poll),
                    secrets=texts_of(settings, poll.secrets) if poll.secrets else (),
                    settings={setting.name: tuple(texts_of(settings, setting)) for setting in poll.settings},
                ),
            )


def _address(base_url: str, account: Account) -> str:
    """A path alone lies at the account itself, whose id then is an address: a shop's, for instance."""
    return (account.id + base_url if base_url.startswith("/") else base_url).rstrip("/")


def _has_no_token(settings: PollSettings, account: Account, poll: Poll) -> bool:
    return account.access_token_file is None and not any(texts_of(settings, poll.token))


def _token(settings: PollSettings, account: Account, poll: Poll) -> Callable[[], str]:
    """How to get the account's token; a file of its own is read each time, so that it can be replaced."""
    if account.access_token_file is not None:
        path = Path(account.access_token_file)

        def from_file() -> str:
            try:
                token = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise PollFailed("no_token") from None
            if not token or not _fits_a_header(token):
                raise PollFailed("no_token")
            return token

        return from_file
    if getattr(settings, poll.token.name) is None:
        name = f"{account.platform}:{account.id}"
        raise SettingsError(f"{variable(poll.token.name)}: required, for {name} names no access_token_file")
    token = text_of(settings, poll.token)
    if not _fits_a_header(token):
        raise SettingsError(f"{variable(poll.token.name)}: not printable ASCII")
    return lambda: token


def _fits_a_header(token: str) -> bool:
    """A byte order mark or a second line would fail every request, as if the host had."""
    return token.isascii() and token.isprintable()


def read_cursors(bootstrap_servers: str) -> dict[str, Cursor]:
    """The newest cursor of every source."""
    return {cursor.source: cursor for cursor in newest(bootstrap_servers, CURSORS, Cursor)}


def read_memory(bootstrap_servers: str) -> dict[str, dict[str, Listing]]:
    """Source -> object -> how it was listed last."""
    found: dict[str, dict[str, Listing]] = {}
    for memory in newest(bootstrap_servers, MEMORY, Memory):
        if memory.subject is None:
            found.setdefault(memory.source, {})[memory.object_id] = memory.listing
    return found
