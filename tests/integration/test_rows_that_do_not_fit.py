"""What no index of PostgreSQL can hold costs its own row: an address may say anything, and anybody can send one."""

import random
from dataclasses import dataclass, field

import psycopg

from contracts import tables
from contracts.codec import encode
from contracts.table import row_struct
from ingest import hints
from sinks.postgres import migrate
from sinks.postgres.changes import Changes, Folder
from sinks.postgres.tables import TableWriter
from sinks.records import Refused

TABLE = tables.load()["touches_by_campaign_day"]


@dataclass
class Given:
    """A record of the table's topic."""

    offset: int
    value: bytes
    key: bytes
    topic: str = TABLE.topic
    partition: int = 0
    timestamp: int = 1_790_000_000_000
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def row(number: int, words: tuple[str, ...]) -> Given:
    value = row_struct(TABLE)("acme", "w1", *words, "", "2026-09-21", 1, 0, 0, 0, 0, number + 1)
    return Given(number, encode(value), b"%d" % number)


def test_words_too_long_for_a_key_cost_their_row_and_nobody_elses(postgres_dsn: str) -> None:
    chance = random.Random(7)
    told = hints.of_parameters(
        (f"utm_{name}", "".join(chr(chance.randrange(0x20000, 0x2A000)) for _ in range(255)))
        for name in ("source", "medium", "campaign")
    )
    words = told.source or "", told.medium or "", told.campaign or ""
    assert [len(word) for word in words] == [255] * 3
    given = [row(0, ("meta", "cpc", "spring")), row(1, words), row(2, ("news", "", ""))]
    changes, refused = Changes(TABLE), list[Refused]()
    Folder(TABLE).fold(given, changes, refused.append)
    migrate.migrate(postgres_dsn)
    with psycopg.connect(postgres_dsn) as connection:
        refused += TableWriter(TABLE, connection).apply_carefully(changes)
        sources = connection.execute("SELECT source FROM analytics.touches_by_campaign_day ORDER BY 1").fetchall()
    assert [(one.record.offset, one.reason) for one in refused] == [(1, "rejected_row")]
    assert sources == [("meta",), ("news",)]
