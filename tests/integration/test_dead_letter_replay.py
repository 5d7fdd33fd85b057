"""What could not be used is kept, and counts once when its cause is gone."""

import json
from collections import Counter

import pytest

from contracts import topics
from contracts.config import Partitions
from contracts.dead_letters import from_record
from contracts.events import TICK_KEY
from contracts.identity import account_key
from contracts.topics import partition_of
from ingest.kafka import Producer, read
from ingest.records import Record, Records
from runtime.seal import Sealer
from tests.integration.ingest_run import IngestRun


@pytest.fixture
def run(kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory) -> IngestRun:
    run = IngestRun(tmp_path_factory.mktemp("replay"), kafka_bootstrap)
    run.command("topics", "apply")
    return run


def test_after_the_page_was_configured_a_replay_counts_each_change_once(run: IngestRun) -> None:
    other = run.page + "9"
    values = [run.value(number, post_id=f"{other}_1", parent_id=f"{other}_1") for number in range(3)]
    body = run.delivery(values, page=other)
    with run.receiver() as receiver:
        receiver.wait_ready()
        assert receiver.deliver(body).status_code == 200
        assert receiver.deliver(body).status_code == 200
    assert len(run.dead_letters(other)) == 3

    (letter, *_) = run.dead_letters(other)
    assert json.loads(run.command("dead-letters", "replay", "--id", letter.dead_letter_id)) == {"failed_again": 1}
    assert len(run.dead_letters(other)) == 3

    run.configure(run.page, other)
    selected = [argument for one in run.dead_letters(other) for argument in ("--id", one.dead_letter_id)]
    assert json.loads(run.command("dead-letters", "replay", *selected)) == {"replayed": 3}
    assert run.dead_letters(other) == []
    run.page = other
    replayed = run.events()
    assert Counter(event.event_id for event in replayed).most_common(1)[0][1] == 1
    assert {event.channel for event in replayed} == {"replay"}
    assert len(replayed) == 3


def test_a_record_goes_back_to_its_own_topic_and_partition_but_never_to_an_aggregate(run: IngestRun) -> None:
    sealer, records = Sealer(["a seal key"]), Records(Partitions())
    key = account_key("facebook", run.page)
    letters = [
        from_record(
            stage="processor",
            reason="invalid_record",
            detail="",
            topic=topic,
            partition=partition_of(key, 4),
            offset=int(run.page) + number,
            key=key,
            sealed=sealer.seal(b'{"bytes": "of the record"}'),
            received_at=1_790_000_000_000,
            code_version="0",
        )
        for number, topic in enumerate((topics.EVENTS.name, "agg.posts"))
    ]
    write(run, [records.of_dead_letter(letter) for letter in letters])
    selected = [argument for letter in letters for argument in ("--id", letter.dead_letter_id)]
    assert json.loads(run.command("dead-letters", "replay", *selected)) == {"replayed": 1, "not_replayable": 1}
    assert (key, b'{"bytes": "of the record"}') in read(run.bootstrap, topics.EVENTS.name)
    assert (key, b'{"bytes": "of the record"}') not in read(run.bootstrap, "agg.posts")


def test_a_seal_of_another_key_stays_closed(run: IngestRun) -> None:
    letter = from_record(
        stage="processor",
        reason="invalid_record",
        detail="",
        topic=topics.EVENTS.name,
        partition=0,
        offset=int(run.page),
        key=TICK_KEY,
        sealed=Sealer(["another key"]).seal(b"{}"),
        received_at=1_790_000_000_000,
        code_version="0",
    )
    write(run, [Records(Partitions()).of_dead_letter(letter)])
    run.command("dead-letters", "show", letter.dead_letter_id, code=1)
    told = run.command("dead-letters", "replay", "--id", letter.dead_letter_id, code=1)
    assert json.loads(told) == {"seal_broken": 1}
    opened = run.command("dead-letters", "show", letter.dead_letter_id, ENGAGEMENT_SEAL_KEY="new key,another key")
    assert json.loads(opened)["body"] == "{}"


def test_a_replay_must_be_told_what_to_replay(run: IngestRun) -> None:
    run.command("dead-letters", "replay", code=2)


def write(run: IngestRun, records: list[Record]) -> None:
    producer = Producer(
        run.bootstrap,
        "test",
        {topics.DEAD_LETTERS.name: 2},
        delivery_seconds=30,
        linger_ms=0,
        on_state=lambda _is_up: None,
    )
    try:
        producer.write(records)
    finally:
        producer.close()
