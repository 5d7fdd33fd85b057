"""Every query of docs/queries.md gives the answer that the page shows, on the rows that it speaks of."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from deploy.local.stack import LocalStack
from sinks.postgres.migrate import migrate
from tests.integration.query_rows import fill

PAGE = Path(__file__).parents[2] / "docs" / "queries.md"
QUESTION = re.compile(r"^### (?P<title>.+?)\n(?P<body>.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
SQL = re.compile(r"```sql\n(.*?)```", re.DOTALL)


class Question(NamedTuple):
    title: str
    sql: str
    answer: list[list[str]]
    """The table below it, its head first."""


def questions() -> Iterator[Question]:
    for found in QUESTION.finditer(PAGE.read_text(encoding="utf-8")):
        [sql] = SQL.findall(found["body"])
        lines = [line for line in found["body"].splitlines() if line.startswith("|") and not line.startswith("|-")]
        yield Question(found["title"], sql, [[cell.strip() for cell in line.strip("|").split("|")] for line in lines])


QUESTIONS = list(questions())


@pytest.fixture(scope="module")
def reader_dsn(postgres_dsn: str, stores: LocalStack) -> str:
    migrate(postgres_dsn)
    with psycopg.connect(postgres_dsn) as connection:
        fill(connection)
    return urlunsplit(urlsplit(stores.dsn("reader"))._replace(path=urlsplit(postgres_dsn).path))


def shown(value: object) -> str:
    """As the page shows it: nothing for unknown, two digits of a fraction, times in UTC to the minute."""
    match value:
        case None:
            return ""
        case float() | Decimal():
            return f"{value:.2f}".rstrip("0").rstrip(".")
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


@pytest.mark.parametrize("question", QUESTIONS, ids=[question.title for question in QUESTIONS])
def test_a_query_gives_the_answer_that_the_page_shows(reader_dsn: str, question: Question) -> None:
    with psycopg.connect(reader_dsn, options="-c timezone=UTC") as reader:
        cursor = reader.execute(question.sql.encode())
        assert cursor.description is not None
        rows = [[shown(value) for value in row] for row in cursor.fetchall()]
    assert [[column.name for column in cursor.description], *rows] == question.answer
    assert rows


def test_the_page_answers_what_a_social_media_manager_asks() -> None:
    assert len(QUESTIONS) >= 15
    assert len({question.title for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        assert question.title.endswith("?")
        assert len(question.sql.splitlines()) <= 14, question.title
