"""The storm's own records in another order and other batches, through a new broker and database, give equal rows."""

import random
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaProducer

from contracts import topics
from deploy.local import drain, simulator
from deploy.local.evidence import read
from deploy.local.reconcile import reconcile
from deploy.local.stack import LocalStack
from tests.e2e.storm.conftest import SEED, Storm
from tests.e2e.storm.test_rows import wrong

pytestmark = pytest.mark.timeout(600)


def test_any_order_and_batching_of_the_same_records_gives_equal_rows(storm: Storm, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    first = storm.trial.stack
    with LocalStack(tmp_path / "again", overrides=first.overrides) as again:
        again.start("processor-organic", "processor-paid", "sink-postgres")
        for topic in (*topics.ORGANIC_SOURCES, *topics.PAID_SOURCES):
            records = list(read(first.bootstrap_servers, topic.name))
            chance.shuffle(records)
            while records:
                size, linger = chance.choice([1, 20, 400, 5000]), chance.choice([0, 5])
                with closing(KafkaProducer(bootstrap_servers=again.bootstrap_servers, linger_ms=linger)) as producer:
                    for record in records[-size:]:
                        producer.send(topic.name, key=record.key, value=record.value, partition=record.partition)
                del records[-size:]
        simulator.import_plans(again, simulator.home(first))
        simulator.import_rates(again, simulator.home(first))
        simulator.import_people(again, first)
        drain.wait(again)
        filled = simulator.filled(storm.trial.world)
        assert wrong(reconcile(again.dsn("reader"), storm.verdict.expected, filled)) == {}
