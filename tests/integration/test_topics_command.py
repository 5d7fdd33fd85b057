"""`engagement topics` and `engagement ingest tick` on a real broker."""

from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from contracts import codec, topics
from contracts.config import Retention
from contracts.events import TICK_KEY, Tick
from ingest.kafka import Admin, read
from tests.integration.ingest_run import IngestRun


@pytest.fixture(scope="module")
def run(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> IngestRun:
    run = IngestRun(tmp_path_factory.mktemp("topics"), kafka_bootstrap)
    run.command("topics", "apply")
    return run


def test_every_declared_topic_exists_as_declared(run: IngestRun) -> None:
    run.command("topics", "check")
    with Admin(run.bootstrap) as admin:
        existing = admin.topics()
    for topic in topics.load(Retention()):
        assert existing[topic.name].configs["cleanup.policy"] == topic.cleanup
        kind = "LogAppendTime" if topic.log_append_time else "CreateTime"
        assert existing[topic.name].configs["message.timestamp.type"] == kind
    assert existing[topics.EVENTS.name].configs["retention.ms"] == str(30 * topics.DAY_MS)
    assert existing[topics.POSTS.name].configs["retention.ms"] == "-1"


def test_a_changed_setting_is_found_and_mended(run: IngestRun) -> None:
    client = KafkaAdminClient(bootstrap_servers=run.bootstrap)
    client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topics.CURSORS.name, {"cleanup.policy": "delete"})])
    client.close()
    run.command("topics", "check", code=1)
    assert "cleanup.policy is delete, declared compact" in run.command("topics", "apply")
    run.command("topics", "check")


def test_another_partition_count_is_refused(run: IngestRun, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[partitions]\norganic = 7\n", encoding="utf-8")
    told = run.command("topics", "apply", code=1, ENGAGEMENT_CONFIG=str(other))
    assert f"{topics.EVENTS.name}: 4 partitions, declared 7" in told


def test_a_tick_reaches_every_partition(run: IngestRun) -> None:
    run.command("ingest", "tick", "--as-of", run.page)
    decode = codec.decoder(Tick)
    ticks = [decode(value) for key, value in read(run.bootstrap, topics.EVENTS.name) if key == TICK_KEY and value]
    assert [tick.as_of for tick in ticks].count(int(run.page)) == 4
