"""One real Kafka and one real PostgreSQL for all integration tests of a run; a fresh database for each module."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from deploy.local.stack import LocalStack


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("stack")) as stack:
        stack.start("kafka", "postgres")
        yield stack


@pytest.fixture(scope="session")
def kafka_bootstrap(stores: LocalStack) -> str:
    """Bootstrap servers of the shared broker. Topics outlive a module: name yours after your test."""
    return stores.bootstrap_servers


@pytest.fixture(scope="module")
def postgres_dsn(stores: LocalStack, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new empty database, owned by the login of the DSN (the migrator). The writer and reader roles exist."""
    owner = stores.dsn("migrator")
    name = "test_" + Path(str(request.node.path)).stem.removeprefix("test_")
    with psycopg.connect(stores.superuser_dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" OWNER engagement_migrator')
    yield urlunsplit(urlsplit(owner)._replace(path=f"/{name}"))
    with psycopg.connect(stores.superuser_dsn, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
