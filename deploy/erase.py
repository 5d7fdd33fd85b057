"""`engagement erase`: a person becomes nobody, everywhere, and whoever asked is told when.

It writes to Kafka and reads PostgreSQL; what is deleted there, the processors and the sink delete.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

import click
import psycopg

from contracts import topics
from contracts.config import Config
from contracts.tables import community_members, conversions, identity_links, inbound_comments
from deploy.aliases import first_names
from deploy.grafana.relations import SCHEMA
from ingest import contact, platforms
from ingest.erasure import WRITTEN, Erased, Eraser
from ingest.identity import CUSTOMER, VISITOR, pseudonymiser
from ingest.kafka import KafkaAway, Producer
from ingest.records import Records
from ingest.settings import IntakeSettings, load_config
from runtime.cli import EXIT_FAILED
from runtime.clock import wall_ms
from runtime.logging import configure
from runtime.seal import Sealer
from runtime.settings import PostgresSettings

WRITE_SECONDS = 30.0
LOOK_SECONDS = 0.2
RELATIONS = (
    *(community_members.TABLE.name, inbound_comments.TABLE.name, "people"),
    *("ambassador_codes", "imported_buyers"),
)
VISITORS_RELATIONS = (conversions.TABLE.name, identity_links.TABLE.name)
CUSTOMERS_RELATIONS = (*VISITORS_RELATIONS, "imported_buyers")
CLEARED_AT = "SELECT cleared_at FROM pipeline.erasures WHERE erasure_id = %s"


class EraseSettings(IntakeSettings, PostgresSettings):
    """The writer's login, since it reads all tables."""


@click.command("erase")
@click.option("--platform", required=True, help="Whose id it is, for instance facebook; or visitor, customer.")
@click.option("--person", metavar="ID", help="The person's id at the platform.")
@click.option("--pseudonym", metavar="ID", help="Or their actor_id in the tables.")
@click.option("--no-wait", is_flag=True, help="Do not wait until every partition and the database are through with it.")
@click.option("--seconds", type=click.FloatRange(min=0), default=300.0, show_default=True, help="How long to wait.")
def erase(platform: str, person: str | None, pseudonym: str | None, no_wait: bool, seconds: float) -> None:
    """Make a person nobody: delete what says who they are, and keep the counts.

    Prints one JSON object. Exit 0 once it is cleared (or, with --no-wait, asked for); 1 if that cannot be said: not
    cleared in time, or a dead letter that no known key opens. Doing it again is harmless.
    """
    configure("erase", logging.WARNING)
    said = [name for name in (person, pseudonym) if name is not None]
    # A name without a letter or digit, from an unset variable for instance, would be found in every dead letter.
    if len(said) != 1 or not re.search(r"\w", said[0]):
        raise click.UsageError("say who: --person or --pseudonym")
    if platform not in (*topics.BUYERS, *platforms.load()):
        raise click.BadParameter(f"no such platform: {platform}", param_hint="--platform")
    settings, config = EraseSettings.load(), load_config()
    key, key_next = settings.identity_keys
    identify = _identify(key, platform, config)
    dsn = settings.postgres_dsn.get_secret_value()
    producer = _producer(settings.kafka_bootstrap_servers, config)
    try:
        coming = None if person is None or key_next is None else _identify(key_next, platform, config)(person)
        found = identify(person) if person is not None else pseudonym or ""
        who, also, *others = _called(found, coming, first_names(settings.kafka_bootstrap_servers, platform))
        rows = _rows(dsn, platform, who)
        eraser = Eraser(
            platform,
            identify,
            settings.kafka_bootstrap_servers,
            Records(config.partitions),
            producer,
            Sealer.of(settings.seal_key),
        )
        earlier = [eraser.erase(name, wall_ms()) for name in others]
        done = eraser.erase(who, wall_ms(), also)  # the last: once it is cleared, all are
        cleared_at = None if no_wait else _cleared_at(dsn, done.erasure.erasure_id, seconds)
        if cleared_at is not None:
            for one in (*earlier, done):
                eraser.erase_letters(one)  # those of what was still on its way
        done.dead_letters += sum(one.dead_letters for one in earlier)
    except KafkaAway:
        _fail("Kafka did not answer or acknowledge: do it again")
    except psycopg.Error as error:
        _fail(f"PostgreSQL: {error}".strip())
    finally:
        producer.close()
    click.echo(json.dumps(_answer(done, rows, cleared_at)))
    if done.unopened:
        _fail(f"{done.unopened} dead letters are sealed with an unknown key: nobody can tell whose they are")
    if cleared_at is None and not no_wait:
        _fail("not cleared yet; it goes on, and pipeline.erasures tells when it is")


def _identify(key: str, platform: str, config: Config) -> Callable[[str], str]:
    """How an id becomes a pseudonym; a customer may be named by an e-mail address or a telephone number, too."""
    pseudonym = pseudonymiser(key, platform) if config.privacy.pseudonymise else str
    return (lambda said: pseudonym(contact.person(said))) if platform == CUSTOMER else pseudonym


def _called(found: str, coming: str | None, known: Mapping[str, str]) -> tuple[str, str | None, *tuple[str, ...]]:
    """What the tables call somebody; what else they are called since, or will be when, the identity key changes, if
    anything; and whatever else they were called meanwhile: where that was heard first, it is their only name.

    >>> _called("new", None, {"new": "old"}), _called("old", None, {"new": "old"}), _called("old", "new", {})
    (('old', 'new'), ('old', 'new'), ('old', 'new'))
    >>> _called("c", None, {"c": "a", "b": "a"}), _called("c", "d", {"c": "b", "b": "a"}), _called("a", None, {})
    (('a', 'c', 'b'), ('b', 'd', 'a', 'c'), ('a', None))
    """
    first, theirs = known.get(found, found), {found} if coming is None else {found, coming}
    while more := {name for pair in known.items() if not theirs.isdisjoint(pair) for name in pair} - theirs:
        theirs |= more
    also = coming or (found if found != first else next((name for name in known if name in theirs - {first}), None))
    return first, also, *sorted(theirs - {first, also})


def _rows(dsn: str, platform: str, who: str) -> dict[str, int]:
    """How many rows say who the person is."""
    found = {}
    relations = {VISITOR: VISITORS_RELATIONS, CUSTOMER: CUSTOMERS_RELATIONS}.get(platform, RELATIONS)
    with psycopg.connect(dsn) as connection:
        is_buyer = platform in topics.BUYERS
        theirs = f"{platform}_id = %(who)s" if is_buyer else "platform = %(platform)s AND actor_id = %(who)s"
        for name in relations:
            query = f"SELECT count(*) FROM {SCHEMA}.{name} WHERE {theirs}"
            row = connection.execute(query.encode(), {"platform": platform, "who": who}).fetchone()
            found[name] = row[0] if row else 0
    return found


def _cleared_at(dsn: str, erasure_id: str, seconds: float) -> datetime | None:
    """When everybody was through with it; None if that took too long."""
    deadline = time.monotonic() + seconds
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            row = connection.execute(CLEARED_AT, [erasure_id]).fetchone()
            if (row is not None and row[0] is not None) or time.monotonic() >= deadline:
                return row[0] if row else None
            time.sleep(LOOK_SECONDS)


def _answer(done: Erased, rows: dict[str, int], cleared_at: datetime | None) -> dict[str, Any]:
    expires = datetime.fromtimestamp(topics.forgotten_at(done.erasure.erased_at, done.erasure.platform) / 1000, UTC)
    return {
        "erasure_id": done.erasure.erasure_id,
        **rows,
        "dead_letters": done.dead_letters,
        "cleared_at": cleared_at.isoformat() if cleared_at else None,
        "logs_expire_at": expires.isoformat(timespec="seconds"),
    }


def _producer(bootstrap_servers: str, config: Config) -> Producer:
    return Producer(
        bootstrap_servers,
        "engagement-erase",
        Records(config.partitions).counts(WRITTEN),
        delivery_seconds=WRITE_SECONDS,
        linger_ms=0,
        on_state=lambda _is_up: None,
    )


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(EXIT_FAILED)
