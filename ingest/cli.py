"""`engagement ingest`, `engagement topics` and `engagement dead-letters`."""

import asyncio
import json
import logging
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import NoReturn

import click

from contracts import config as configuration
from contracts import topics as declared
from contracts.events import DeadLetter
from ingest import platforms
from ingest.dead_letters import Replay, newest, selected
from ingest.intake import Intake
from ingest.kafka import Admin, KafkaAway, Producer
from ingest.platforms import Platform
from ingest.polling import process as polling
from ingest.polling.schedule import Scope
from ingest.polling.share import Taken
from ingest.records import Records
from ingest.settings import (
    IntakeSettings,
    LetterSettings,
    ListSettings,
    TickSettings,
    TopicSettings,
    configured,
    load_config,
)
from ingest.settings import polling as polling_settings
from ingest.settings import streaming as streaming_settings
from ingest.streaming import process as streaming
from ingest.topics import configs, differences, wanted
from ingest.webhooks import server, setup
from runtime.cli import EXIT_FAILED
from runtime.clock import Clock, wall_ms
from runtime.logging import configure
from runtime.seal import SealBroken, Sealer

WRITE_SECONDS = 30.0


def _configured() -> tuple[configuration.Config, dict[str, Platform]]:
    """The configuration, and the platforms that it has accounts of."""
    config = load_config()
    return config, configured(platforms.load(), config)


@click.group()
def ingest() -> None:
    """Receive webhooks, poll the platforms, write ticks."""


@ingest.command()
def webhooks() -> None:
    """Receive deliveries until a signal; answer 200 only when Kafka has them."""
    configure("webhooks")
    asyncio.run(server.run(setup.load()))


@ingest.command()
@click.option("--once", is_flag=True, help="Read every source whole, one time; exit 0 if all of them succeeded.")
def poll(once: bool) -> None:
    """Poll the platforms on their schedules until a signal."""
    configure("poller")
    sys.exit(EXIT_FAILED if not _poll(Scope(once=once)) and once else 0)


@ingest.command()
@click.option("--source", "name", required=True, help="PLATFORM, PLATFORM:ACCOUNT or PLATFORM:ACCOUNT:SOURCE.")
@click.option("--since", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")), required=True, help="UTC.")
def backfill(name: str, since: datetime) -> None:
    """Read sources back to a day, beside the poller and within what it leaves of the limits; exit 0 if all succeeded.

    What is known already counts once, and no cursor moves, so it may be done again.
    """
    configure("backfill")
    scope = Scope(
        once=True,
        channel="backfill",
        since=int(since.replace(tzinfo=UTC).timestamp() * 1000),
        only=lambda schedule: f"{schedule.name}:".startswith(f"{name}:"),
    )
    sys.exit(0 if _poll(scope) else EXIT_FAILED)


def _poll(scope: Scope) -> bool:
    config, used = _configured()
    settings = polling_settings(used.values()).load()
    try:
        return polling.run(settings, config, used, scope)
    except polling.NothingToPoll:
        _fail("no source is called that")
    except Taken as error:
        _fail(f"something of {error} is being read back already, within the same limits: wait until it has ended")
    except KafkaAway as error:
        _fail(f"Kafka cannot be reached: {error}")


@ingest.command()
def stream() -> None:
    """Listen to the platforms that tell what happens over an open connection, until a signal."""
    configure("streamer")
    config, used = _configured()
    settings = streaming_settings(used.values()).load()
    try:
        asyncio.run(streaming.run(settings, config, used))
    except KafkaAway as error:
        _fail(f"Kafka cannot be reached: {error}")


@ingest.command()
@click.option("--as-of", type=click.IntRange(min=0), help="Epoch milliseconds; by default what the clock says.")
def tick(as_of: int | None) -> None:
    """Tell every processor once what time it is."""
    configure("tick", logging.WARNING)
    settings = TickSettings.load()
    records = Records(load_config().partitions)
    producer = _producer(settings.kafka_bootstrap_servers, records, *declared.TIMED)
    try:
        producer.write(records.ticks(Clock.parse(settings.clock).now_ms() if as_of is None else as_of))
    except KafkaAway:
        _fail("Kafka did not acknowledge the ticks")
    finally:
        producer.close()


@click.group()
def topics() -> None:
    """Create the topics, or check that they are as declared."""


@topics.command()
def apply() -> None:
    """Create what is missing and set what differs. A wrong partition count cannot be mended: exit 1."""
    configure("topics", logging.WARNING)
    settings = TopicSettings.load()
    config, replication = load_config(), settings.kafka_replication_factor
    try:
        with Admin(settings.kafka_bootstrap_servers) as admin:
            found = list(differences(config, replication, admin.topics()))
            missing = [difference.topic for difference in found if difference.is_missing]
            if missing:
                admin.create({topic.name: wanted(topic, config.partitions, replication) for topic in missing})
            for difference in found:
                if difference.configs:
                    admin.alter(difference.topic.name, configs(difference.topic, replication))
                click.echo(str(difference))
    except KafkaAway as error:
        _fail(f"Kafka does not have it: {error}")
    sys.exit(EXIT_FAILED if any(difference.partitions for difference in found) else 0)


@topics.command()
def check() -> None:
    """Exit 0 if every topic is as declared; else print the differences and exit 1."""
    configure("topics", logging.WARNING)
    settings = TopicSettings.load()
    try:
        with Admin(settings.kafka_bootstrap_servers) as admin:
            found = list(differences(load_config(), settings.kafka_replication_factor, admin.topics()))
    except KafkaAway as error:
        _fail(f"Kafka cannot be reached: {error}")
    for difference in found:
        click.echo(str(difference), err=True)
    sys.exit(EXIT_FAILED if found else 0)


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and replay what could not be used."""


@dead_letters.command("list")
@click.option("--reason", "reasons", multiple=True, help="Only these reasons.")
def list_letters(reasons: tuple[str, ...]) -> None:
    """One JSON object a line: everything but the contents."""
    configure("dead-letters", logging.WARNING)
    for letter in selected(_letters(ListSettings.load()), frozenset(), frozenset(reasons)):
        click.echo(json.dumps(_described(letter)))


@dead_letters.command()
@click.argument("dead_letter_id")
def show(dead_letter_id: str) -> None:
    """Open one dead letter and print its contents; bytes that are no text are escaped."""
    configure("dead-letters", logging.WARNING)
    settings = LetterSettings.load()
    letter = _letters(settings).get(dead_letter_id)
    if letter is None:
        _fail(f"there is no dead letter {dead_letter_id}")
    try:
        body = Sealer.of(settings.seal_key).open(letter.sealed)
    except SealBroken as error:
        _fail(str(error))
    click.echo(json.dumps(_described(letter) | {"body": body.decode("utf-8", "backslashreplace")}, indent=2))


@dead_letters.command()
@click.option("--reason", "reasons", multiple=True, help="Those put aside for this reason.")
@click.option("--id", "ids", multiple=True, help="This one.")
@click.option("--all", "everything", is_flag=True, help="All of them.")
def replay(reasons: tuple[str, ...], ids: tuple[str, ...], everything: bool) -> None:
    """Let dead letters in again, after their cause is gone; what fails again stays. Exit 1 if a seal is broken."""
    configure("dead-letters", logging.WARNING)
    if not (reasons or ids or everything):
        raise click.UsageError("say which: --reason, --id or --all")
    settings = IntakeSettings.load()
    config, used = _configured()
    records = Records(config.partitions)
    sealer = Sealer.of(settings.seal_key)
    key, key_next = settings.identity_keys
    intake = Intake(config, used, key, sealer, records, key_next)
    letters = selected(_letters(settings), frozenset(ids), frozenset(reasons))
    producer = _producer(settings.kafka_bootstrap_servers, records, *declared.INPUTS)
    replay_one = Replay(intake, used, sealer, records, producer, wall_ms).run
    outcomes: Counter[str] = Counter()
    try:
        for letter in letters:
            try:
                outcome: str = replay_one(letter)
            except SealBroken:
                outcome = "seal_broken"
            outcomes[outcome] += 1
            if outcome != "replayed":
                click.echo(f"{letter.dead_letter_id}: {outcome} ({letter.reason})", err=True)
    except KafkaAway:
        _fail("Kafka did not acknowledge a replay; what was replayed before it counts once, so start again")
    finally:
        producer.close()
    click.echo(json.dumps(dict(outcomes)))
    sys.exit(EXIT_FAILED if outcomes["seal_broken"] else 0)


def _letters(settings: ListSettings) -> dict[str, DeadLetter]:
    try:
        return newest(settings.kafka_bootstrap_servers)
    except KafkaAway as error:
        _fail(f"Kafka cannot be reached: {error}")


def _described(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.dead_letter_id,
        "reason": letter.reason,
        "detail": letter.detail,
        "stage": letter.stage,
        "origin": letter.origin,
        "platform": letter.platform,
        "account_id": letter.account_id,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "received_at": datetime.fromtimestamp(letter.received_at / 1000, UTC).isoformat(),
        "code_version": letter.code_version,
    }


def _producer(bootstrap_servers: str, records: Records, *written: declared.Topic) -> Producer:
    return Producer(
        bootstrap_servers,
        "engagement-cli",
        records.counts(written),
        delivery_seconds=WRITE_SECONDS,
        linger_ms=0,
        on_state=lambda _is_up: None,
    )


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(EXIT_FAILED)
