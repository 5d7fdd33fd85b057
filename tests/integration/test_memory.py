"""What a poller remembers of complete listings outlives it."""

from pathlib import Path

from contracts import topics
from contracts.config import Partitions
from contracts.events import Listing
from ingest.kafka import Producer
from ingest.polling.process import read_memory
from ingest.records import Records
from tests.integration.ingest_run import IngestRun


def test_a_new_poller_knows_how_each_object_was_last_listed(kafka_bootstrap: str, tmp_path: Path) -> None:
    run = IngestRun(tmp_path, kafka_bootstrap)
    run.command("topics", "apply")
    records = Records(Partitions())
    source, other = f"instagram:{run.page}:comments", f"instagram:{run.page}|x:comments"
    producer = Producer(
        kafka_bootstrap,
        "test",
        records.counts([topics.MEMORY]),
        delivery_seconds=10,
        linger_ms=0,
        on_state=lambda _is_up: None,
    )
    first = Listing({"a": None, "b": "a"}, ("b",), ("a",))
    producer.write(
        [
            records.of_memory(source, "1", Listing({"x": None})),
            records.of_memory(source, "1", first),
            records.of_memory(source, "2", Listing({"y": None})),
            records.of_memory(source, "2", None),
            records.of_memory(other, "1", Listing()),
        ]
    )
    producer.close()
    found = read_memory(kafka_bootstrap)
    assert found[source] == {"1": first}
    assert found[other] == {"1": Listing()}
