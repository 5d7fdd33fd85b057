"""The workload on Quix Streams: one stateful function of the account, its state in RocksDB with a changelog.

A program of its own, run in the environment of `requirements.txt`. The environment variables say where.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
from quixstreams import Application, State
from quixstreams.sinks import BatchingSink, SinkBatch

EVENTS, RUN = int(os.environ["EVENTS"]), os.environ["RUN"]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
COLUMNS = ("like", "comment", "share")
IDS_KEPT = timedelta(hours=2)
"""Of event time: more than 200,000 ids of a partition."""

Row = tuple[str, str, Any]
"""Table, key, and its counts (or the number of different actors)."""


class Marks:
    """Says when the first delivery comes, and when the last one is in the state."""

    def __init__(self) -> None:
        self._delivered = 0

    def count(self, event: dict[str, Any], state: State) -> list[Row]:
        self._delivered += 1
        if self._delivered == 1:
            print("FIRST", flush=True)
        rows = list(changed(event, state))
        if self._delivered == EVENTS:
            print("LAST", flush=True)
        return rows


def changed(event: dict[str, Any], state: State) -> Iterator[Row]:
    """Count a delivery; the rows that it changes. A repeated event changes none."""
    seen = f"id|{event['event_id']}"
    if state.exists(seen):
        return
    state.set(seen, 1, ttl=IDS_KEPT)
    at, post, account = event["occurred_at"], event["post_id"], event["account_id"]
    for table, key in (
        ("post-minute", f"{post}|{at - at % MINUTE}"),
        ("post-hour", f"{post}|{at - at % HOUR}"),
        ("account-minute", f"{account}|{at - at % MINUTE}"),
        ("post-total", post),
    ):
        counts = state.get(f"{table}|{key}", [0, 0, 0])
        counts[COLUMNS.index(event["kind"])] += -1 if event["verb"] == "remove" else 1
        state.set(f"{table}|{key}", counts)
        yield table, key, counts
    day = at - at % DAY
    actor, audience = f"actor|{day}|{event['actor_id']}", f"audience|{day}"
    if not state.exists(actor):
        state.set(actor, 1)
        size = state.get(audience, 0) + 1
        state.set(audience, size)
        yield "account-day", f"{account}|{day}", size


class NewestRows(BatchingSink):  # type: ignore[misc]  # the library has no types here
    """At each checkpoint, before the offsets are committed, the newest value of every row that changed."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self._producer = application.get_producer()

    def setup(self) -> None:
        self._producer.__enter__()

    def write(self, batch: SinkBatch) -> None:
        newest = {(table, key): value for item in batch for table, key, value in item.value}
        for (table, key), value in newest.items():
            named = {"u": value} if table == "account-day" else dict(zip("lcs", value, strict=True))
            self._producer.produce(f"{RUN}-{table}", key=key.encode(), value=orjson.dumps(named))
        self._producer.flush()


def main() -> None:
    """Run until stopped; a checkpoint a second."""
    application = Application(
        broker_address=os.environ["BOOTSTRAP"],
        consumer_group=RUN,
        auto_offset_reset="earliest",
        state_dir=os.environ["STATE_DIR"],
        commit_interval=1.0,
        loglevel="ERROR",
        producer_extra_config={"linger.ms": 50, "queue.buffering.max.messages": 500_000},
    )
    source = application.topic(
        os.environ["SOURCE"],
        key_deserializer="str",
        value_deserializer="json",
        timestamp_extractor=lambda value, headers, timestamp, kind: value["occurred_at"],
    )
    rows = application.dataframe(source).apply(Marks().count, stateful=True).filter(bool)
    rows.sink(NewestRows(application))
    application.run()


if __name__ == "__main__":
    main()
