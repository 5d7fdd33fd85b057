"""One owner a partition: a former one is fenced, and a stop at any moment is clean."""

import asyncio
import time
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from processors.engine.recovery import log_reader
from processors.engine.transaction import Writer, open_writer, transactional_id
from tests.integration.engine_run import CountingRun


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CountingRun]:
    counting = CountingRun(kafka_bootstrap, request.node.name, tmp_path)
    yield counting
    counting.kill_all()


async def write_row(writer: Writer, topic: str, key: bytes) -> None:
    outbox = writer.outbox(timestamp_ms=1)
    outbox.add(topic, 0, key, b"{}")
    await writer.send(outbox)


@pytest.mark.parametrize("taken_over", ["between transactions", "before the send", "before the commit"])
def test_a_former_owner_is_fenced_and_its_rows_stay_invisible(run: CountingRun, taken_over: str) -> None:
    async def fenced() -> None:
        owner = transactional_id(run.name, 0)
        former, successors = await open_writer(run.bootstrap, owner), []

        async def take_over(moment: str) -> None:
            if moment == taken_over:
                successors.append(await open_writer(run.bootstrap, owner))

        async def go_on() -> None:
            await take_over("between transactions")
            await former.begin()
            await take_over("before the send")
            await write_row(former, run.rows_topic, b"former")
            await take_over("before the commit")
            await former.commit()

        try:
            with pytest.raises(ProducerFenced):
                await go_on()
            await successors[0].begin()
            await write_row(successors[0], run.rows_topic, b"successor")
            await successors[0].commit()
        finally:
            for writer in [former, *successors]:
                await writer.close()

    asyncio.run(fenced())
    assert [record.key for record in run.records(run.rows_topic)] == [b"successor"]


def test_a_stop_during_recovery_is_a_clean_stop(run: CountingRun) -> None:
    run.produce(500)
    run.run_until_drained()
    worker = run.start(records_per_second=20)  # 40 rows and totals take seconds to read back
    while "partition_recovered" not in run.log():
        time.sleep(0.05)
        assert worker.poll() is None, run.log()
    assert "partitions_assigned" not in run.log()
    assert run.stop(worker) == 0, run.log()
    run.run_until_drained()
    run.assert_exact()


async def write_transactions(run: CountingRun, values: Sequence[int], *, aborted: Container[int]) -> None:
    """One transaction a value, into the first source."""
    producer = AIOKafkaProducer(bootstrap_servers=run.bootstrap, transactional_id=f"{run.name}-source")
    await producer.start()
    for value in values:
        await producer.begin_transaction()
        await producer.send_and_wait(run.first, b"%d" % value, key=b"k", partition=0)
        await (producer.abort_transaction() if value in aborted else producer.commit_transaction())
    await producer.stop()


def test_recovery_reads_to_the_end_past_aborted_records_and_markers(run: CountingRun) -> None:
    async def read_all() -> list[bytes | None]:
        await write_transactions(run, range(6), aborted={1, 3, 5})
        found: list[bytes | None] = []
        async with log_reader(run.bootstrap, 0) as reader:
            await reader.read([run.first], lambda _, records: found.extend(value for _, _, value in records))
        return found

    assert asyncio.run(read_all()) == [b"0", b"2", b"4"]


def test_a_source_that_ends_with_a_marker_is_drained_too(run: CountingRun) -> None:
    run.produce(20)
    asyncio.run(write_transactions(run, [1], aborted=()))
    run.run_until_drained()
    run.assert_exact()
