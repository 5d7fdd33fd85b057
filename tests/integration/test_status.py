"""`engagement status` and `doctor` tell what is so."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.structs import OffsetAndMetadata

from deploy.local import cli, doctor
from deploy.local.settings import LocalSettings
from deploy.local.status import Status, collect
from runtime.cli import EXIT_FAILED
from sinks.postgres.migrate import migrate

TOPIC, GROUP, SINK = "status-of-readers", "a-processor", "a-sink"


@pytest.fixture(scope="module")
def database(postgres_dsn: str) -> str:
    migrate(postgres_dsn)
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute(
            "INSERT INTO pipeline.freshness (kind, name, newest_event_at, applied_at) "
            "VALUES ('table', 'posts', now(), now())"
        )
        connection.execute(
            "INSERT INTO pipeline.sink_offsets (sink, topic, partition, next_offset, topic_id)"
            " VALUES (%s, %s, 1, 2, gen_random_uuid())",
            [SINK, TOPIC],
        )
    return postgres_dsn


@pytest.fixture(scope="module")
def read_topic(kafka_bootstrap: str) -> Iterator[None]:
    """Ten records in partition 0, of which a group has read four; five in partition 1, of which a sink has two."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        admin.create_topics({TOPIC: {"num_partitions": 2}})
    with closing(KafkaProducer(bootstrap_servers=kafka_bootstrap)) as producer:
        for partition in [0] * 10 + [1] * 5:
            producer.send(TOPIC, b"x", partition=partition).get(30)
    consumer = KafkaConsumer(bootstrap_servers=kafka_bootstrap, group_id=GROUP, enable_auto_commit=False)
    with closing(consumer):
        consumer.assign([TopicPartition(TOPIC, 0)])
        consumer.commit({TopicPartition(TOPIC, 0): OffsetAndMetadata(4, "", -1)})
    yield
    with closing(KafkaAdminClient(bootstrap_servers=kafka_bootstrap)) as admin:
        admin.delete_groups([GROUP])
        admin.delete_topics([TOPIC])


@pytest.fixture
def known(kafka_bootstrap: str) -> Status:
    return {"addresses": {"kafka": kafka_bootstrap, "metrics.poller": "http://127.0.0.1:1"}}


@pytest.mark.usefixtures("read_topic")
def test_lag_is_what_lies_between_each_reader_and_the_end(known: Status, database: str) -> None:
    lag = collect(known, database)["lag"]
    assert lag[GROUP] == {TOPIC: 6}
    assert lag[SINK] == {TOPIC: 3}


@pytest.mark.usefixtures("read_topic")
def test_freshness_dead_letters_and_processes_are_reported(known: Status, database: str) -> None:
    found = collect(known, database)
    assert [row["name"] for row in found["freshness"]] == ["posts"]
    assert found["problems"] == []
    assert found["dead_letters"] == {}
    assert found["processes"] == {"poller": False}
    assert found["unreachable"] == []


def test_what_cannot_be_reached_is_named(known: Status) -> None:
    found = collect({"addresses": {"kafka": "127.0.0.1:1"}}, "postgresql://127.0.0.1:1/none")
    assert found["lag"] is None
    assert found["freshness"] is None
    assert [line.partition(":")[0] for line in found["unreachable"]] == ["postgres", "kafka"]


def test_status_without_a_stack_says_how_to_start_one(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.status, ["--data-dir", str(tmp_path), "--json"])
    assert done.exit_code == EXIT_FAILED
    assert "engagement up" in done.output


def test_down_without_a_stack_is_content(tmp_path: Path) -> None:
    (tmp_path / "stack.json").write_text(json.dumps({"pid": 2**22 + 1}))
    assert CliRunner().invoke(cli.down, ["--data-dir", str(tmp_path)]).exit_code == 0


def test_the_doctor_finds_what_is_wrong_with_a_configuration(tmp_path: Path) -> None:
    wrong = tmp_path / "engagement.toml"
    wrong.write_text(
        '[brands.acme]\nname = "Acme"\n'
        '[[accounts]]\nplatform = "facebook"\nid = "1"\nname = "A"\nbrand = "other"\n'
        'connected_at = 2026-01-01T00:00:00Z\nzone = "Europe/Nowhere"\n'
    )
    findings = [*doctor.examine(LocalSettings.load(config=wrong), tmp_path, {}, None)]
    wrongs = [finding.detail for finding in findings if not finding.is_fine]
    assert len(wrongs) == 2
    assert "other" in wrongs[0]
    assert "Europe/Nowhere" in wrongs[1]


def test_the_doctor_notices_a_taken_port(kafka_bootstrap: str, tmp_path: Path) -> None:
    taken = int(kafka_bootstrap.rpartition(":")[2])
    findings = {one.check: one for one in doctor.examine(LocalSettings.load(kafka_port=taken), tmp_path, {}, None)}
    assert not findings["kafka_port"].is_fine
