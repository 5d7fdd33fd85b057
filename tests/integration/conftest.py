"""One real PostgreSQL and one real Kafka (once a test wants it) for a process of tests, which takes whole modules; a
fresh database for each module."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from deploy.local.stack import LocalStack
from sinks.postgres import migrate
from tests.integration.sink_run import SinkRun, as_role, make_topics
from tests.integration.view_rows import Rows, undone


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """PostgreSQL, and whatever else a test starts in it."""
    with LocalStack(tmp_path_factory.mktemp("stack")) as stack:
        stack.start("postgres")
        yield stack


@pytest.fixture(scope="session")
def stores(server: LocalStack) -> LocalStack:
    server.start("kafka")
    return server


@pytest.fixture(scope="session")
def kafka_bootstrap(stores: LocalStack) -> str:
    """Bootstrap servers of the shared broker. Topics outlive a module: name yours after your test."""
    stores.start("kafka")
    return stores.bootstrap_servers


@pytest.fixture(scope="module")
def postgres_dsn(server: LocalStack, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new empty database, owned by the login of the DSN (the migrator). The other roles exist."""
    owner = server.dsn("migrator")
    name = "test_" + Path(str(request.node.path)).stem.removeprefix("test_")
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" OWNER engagement_migrator')
    yield urlunsplit(urlsplit(owner)._replace(path=f"/{name}"))
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def dsn(postgres_dsn: str) -> str:
    """The same with every table and view."""
    migrate.migrate(postgres_dsn)
    return postgres_dsn


@pytest.fixture
def rows(dsn: str) -> Iterator[Rows]:
    """Rows to make and views to read; a test leaves nothing behind."""
    with undone(dsn) as rows:
        yield rows


@pytest.fixture(scope="module")
def sink_of_module(stores: LocalStack, kafka_bootstrap: str, dsn: str) -> Iterator[SinkRun]:
    """The Postgres sink on the shared broker and the module's database."""
    make_topics(kafka_bootstrap)
    sink = SinkRun(kafka_bootstrap, as_role(dsn, stores.dsn("writer")), dsn)
    yield sink
    sink.close()


@pytest.fixture
def sink(sink_of_module: SinkRun) -> SinkRun:
    """The same, which has yet to see what a test writes, and nothing else."""
    sink_of_module.begin_here()
    return sink_of_module
