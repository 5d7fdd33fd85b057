"""The poller as a process: its parts put together from the settings."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import monotonic

from contracts.config import Account, Config
from contracts.events import Cursor, Listing, Memory
from contracts.topics import CURSORS, DEAD_LETTERS, MEMORY, ORGANIC_SOURCES, PAID_SOURCES, PEOPLE
from ingest.intake import Intake
from ingest.kafka import Producer, newest
from ingest.platforms import Platform, Poll, PollFailed
from ingest.polling.budget import Budget
from ingest.polling.http import Http
from ingest.polling.poller import Poller
from ingest.polling.reader import Access, Reader
from ingest.records import Records
from ingest.settings import PollSettings, text_of, texts_of
from runtime.clock import Clock
from runtime.health import Health, serve
from runtime.instruments import Instruments
from runtime.logging import get_logger
from runtime.seal import Sealer
from runtime.settings import SettingsError, variable
from runtime.shutdown import stop_event

WRITE_SECONDS = 10.0

log = get_logger()


def run(settings: PollSettings, config: Config, platforms: Mapping[str, Platform], *, once: bool) -> bool:
    """Poll until a signal, or once; whether every source succeeded the last time. Raises `KafkaAway` at the start."""
    stop = stop_event()
    accounts = list(accesses(settings, config, platforms))
    cursors = {} if once else read_cursors(settings.kafka_bootstrap_servers)
    memory = read_memory(settings.kafka_bootstrap_servers)
    instruments = Instruments()
    health = Health("kafka")
    records = Records(config.partitions)
    sealer = Sealer.of(settings.seal_key)
    intake = Intake(config, platforms, settings.identity_key.get_secret_value(), sealer, records)
    producer = Producer(
        settings.kafka_bootstrap_servers,
        "engagement-poller",
        records.counts((*ORGANIC_SOURCES, *PAID_SOURCES, PEOPLE, CURSORS, MEMORY, DEAD_LETTERS)),
        delivery_seconds=WRITE_SECONDS,
        linger_ms=5,
        on_state=lambda is_up: health.ready("kafka", is_up),
    )
    clock = Clock.parse(settings.clock)
    poller = Poller(
        config,
        accounts,
        cursors,
        memory,
        Reader(Http(), intake, producer, records, clock, instruments, stop),
        intake,
        producer,
        records,
        clock,
        instruments,
        health,
        stop,
        concurrency=settings.poll_concurrency,
        once=once,
    )
    with serve(health, instruments.registry, settings):
        log.info("poller_started", accounts=len(accounts), cursors=len(cursors), once=once)
        succeeded = poller.run()
    producer.close()
    log.info("poller_stopped", succeeded=succeeded)
    return succeeded


def accesses(
    settings: PollSettings, config: Config, platforms: Mapping[str, Platform]
) -> Iterator[tuple[Account, Access]]:
    """Every account that can be polled, and how; raises `SettingsError` for one without a token."""
    for account in config.accounts:
        platform = platforms[account.platform]
        poll = platform.poll
        if poll is not None:
            yield (
                account,
                Access(
                    platform=platform,
                    poll=poll,
                    base_url=text_of(settings, poll.base_url).rstrip("/"),
                    token=_token(settings, account, poll),
                    secrets=texts_of(settings, poll.secrets) if poll.secrets else (),
                    budget=Budget(monotonic),
                    settings={setting.name: tuple(texts_of(settings, setting)) for setting in poll.settings},
                ),
            )


def _token(settings: PollSettings, account: Account, poll: Poll) -> Callable[[], str]:
    """How to get the account's token; a file of its own is read each time, so that it can be replaced."""
    if account.access_token_file is not None:
        path = Path(account.access_token_file)

        def from_file() -> str:
            try:
                return path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise PollFailed("no_token") from None

        return from_file
    if getattr(settings, poll.token.name) is None:
        name = f"{account.platform}:{account.id}"
        raise SettingsError(f"{variable(poll.token.name)}: required, for {name} names no access_token_file")
    token = text_of(settings, poll.token)
    return lambda: token


def read_cursors(bootstrap_servers: str) -> dict[str, Cursor]:
    """The newest cursor of every source."""
    return {cursor.source: cursor for cursor in newest(bootstrap_servers, CURSORS, Cursor)}


def read_memory(bootstrap_servers: str) -> dict[str, dict[str, Listing]]:
    """Source -> object -> how it was listed last."""
    found: dict[str, dict[str, Listing]] = {}
    for memory in newest(bootstrap_servers, MEMORY, Memory):
        found.setdefault(memory.source, {})[memory.object_id] = memory.listing
    return found
