"""Every panel's queries, executed on a real Prometheus and a real PostgreSQL as Grafana would execute them."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import requests
import yaml
from prometheus_client import CollectorRegistry, Counter

from contracts import metrics
from deploy import generate
from deploy.grafana import check
from deploy.grafana.check import Grafana, Place, Problem, Rows, check_panels
from deploy.local.observers import scraping
from deploy.local.ports import free_port
from deploy.local.stack import LocalStack
from deploy.prometheus.check import undeclared
from runtime.health import Health, HealthServer
from runtime.instruments import Instruments
from sinks.postgres.migrate import migrate
from tests.integration.installed import needs
from tests.integration.panel_data import Exposition, fill

pytestmark = needs("prometheus", "promtool")
PROMETHEUS = Path(generate.__file__).parent / "prometheus"
SECONDS = 60.0


@pytest.fixture(scope="module")
def owner_dsn(postgres_dsn: str) -> str:
    migrate(postgres_dsn)
    return postgres_dsn


@pytest.fixture(scope="module")
def reader_dsn(owner_dsn: str, server: LocalStack) -> str:
    """The migrated database as Grafana's role sees it."""
    return urlunsplit(urlsplit(server.dsn("reader"))._replace(path=urlsplit(owner_dsn).path))


@contextmanager
def prometheus(directory: Path, configuration: str) -> Iterator[str]:
    """A running Prometheus on the data in `directory`; its URL."""
    (directory / "prometheus.yml").write_text(configuration, encoding="utf-8")
    address = f"127.0.0.1:{free_port()}"
    with (directory / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: process.poll() is None and is_ready(f"http://{address}"))
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait()


def is_ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/-/ready", timeout=2).ok
    except requests.ConnectionError:
        return False


def wait_until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@contextmanager
def served(registry: CollectorRegistry) -> Iterator[str]:
    """A registry, served as every process of ours serves it; its URL."""
    server = HealthServer(Health(), registry, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.close()


@contextmanager
def moving(exposition: Exposition) -> Iterator[None]:
    """Something happens all the time."""
    stop = threading.Event()

    def move() -> None:
        while not stop.wait(0.1):
            exposition.step(1.0, time.time())

    mover = threading.Thread(target=move)
    mover.start()
    try:
        yield
    finally:
        stop.set()
        mover.join()


def test_every_panel_shows_data_once_there_are_metrics_and_rows(
    tmp_path: Path, owner_dsn: str, reader_dsn: str
) -> None:
    provisioned = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    provisioned["global"] = {"scrape_interval": "500ms"}
    exposition = Exposition()
    with moving(exposition), served(exposition.registry) as address:
        here = scraping(provisioned, {"metrics.webhooks": address}, PROMETHEUS)
        with prometheus(tmp_path, yaml.safe_dump(here)) as url:
            unfilled = check_panels(url, reader_dsn)
            assert Problem("Engagement", "picker platform", "no data") in unfilled
            with psycopg.connect(owner_dsn) as connection:
                fill(connection, datetime.now(UTC), size=1)
            problems: list[Problem] = unfilled

            def are_all_filled() -> bool:
                nonlocal problems
                problems = check_panels(url, reader_dsn)
                return not problems

            try:
                wait_until(are_all_filled)
            except AssertionError:
                pytest.fail("\n".join(map(str, problems)))
            assert undeclared(url) == []
            reactions = check.shown(url, reader_dsn, "Engagement", "Reactions by type")
            assert reactions == [("like", 12), ("love", 12)]
            with pytest.raises(KeyError):
                check.shown(url, reader_dsn, "Engagement", "No such panel")


def test_a_series_or_label_that_nobody_declared_is_found(tmp_path: Path) -> None:
    registry = Instruments().registry
    Counter("engagement_surprises_total", "Not declared.", registry=registry).inc()
    labels = (*metrics.SNAPSHOTS_EMITTED.labels, "post_id")
    emitted = Counter(metrics.SNAPSHOTS_EMITTED.name, "A label too much.", labels, registry=registry)
    emitted.labels("facebook", "p1").inc()
    with served(registry) as address:
        scrape = {"job_name": "odd", "static_configs": [{"targets": [address.removeprefix("http://")]}]}
        configuration = {"global": {"scrape_interval": "500ms"}, "scrape_configs": [scrape]}
        with prometheus(tmp_path, yaml.safe_dump(configuration)) as url:
            wait_until(lambda: undeclared(url))
            assert undeclared(url) == [
                "engagement_ingest_snapshots_total{post_id}",
                "engagement_surprises_total",
            ]


def test_every_panel_of_rows_changes_when_the_rows_do(owner_dsn: str, reader_dsn: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    with prometheus(tmp_path, "{}") as url, psycopg.connect(owner_dsn, autocommit=True) as connection:
        fill(connection, now, size=2)
        before = shown(url, reader_dsn, now.timestamp(), "postgres")
        again = shown(url, reader_dsn, now.timestamp(), "postgres")
        fill(connection, now, size=3)
        after = shown(url, reader_dsn, now.timestamp(), "postgres")
    assert before == again
    assert [place for place in before if not before[place] or before[place] == after[place]] == []


def test_every_panel_of_metrics_changes_when_the_metrics_do(tmp_path: Path, owner_dsn: str, reader_dsn: str) -> None:
    """Three spans of time hold the same shape of data at sizes 1, 1 and 3: equal sizes look equal, others do not."""
    with psycopg.connect(owner_dsn) as connection:
        fill(connection, datetime.now(UTC), size=4)
    midnight = int(time.time()) // 86_400 * 86_400
    ends = [midnight - days * 86_400 for days in (5, 3, 1)]  # no range reaches another
    with (tmp_path / "history.om").open("w", encoding="utf-8") as history:
        for end, size in zip(ends, (1.0, 1.0, 3.0), strict=True):
            exposition = Exposition()
            for at in range(end - 120, end + 1, 5):
                exposition.step(size, at)
                lines = [*exposition.lines(at), f'up{{job="poller",instance="poller:9400"}} {size} {at}']
                history.writelines(f"{line}\n" for line in lines)
        history.write("# EOF\n")
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", tmp_path / "history.om", tmp_path / "data"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with prometheus(tmp_path, "{}") as url:
        first, second, third = (shown(url, reader_dsn, end, "prometheus") for end in ends)
    assert first == second
    assert [place for place in first if not first[place] or first[place] == third[place]] == []


def shown(url: str, dsn: str, at: float, source: str) -> dict[Place, Rows]:
    """What the panels on one data source show at a time; one that fails is a failure."""
    found = {}
    for place, answer in Grafana(url, dsn, at).answers():
        if place.source == source and place.ref:
            assert not isinstance(answer, Problem), answer
            found[place] = answer
    return found
