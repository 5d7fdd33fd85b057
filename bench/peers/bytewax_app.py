"""The workload on Bytewax: one stateful operator keyed by account, with snapshots to its recovery store.

Run as `python -m bytewax.run bytewax_app:flow` in the environment of `requirements.txt`.
"""

import os
import pickle
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import bytewax.operators as op
import orjson
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic

EVENTS, RUN = int(os.environ["EVENTS"]), os.environ["RUN"]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
COLUMNS = {"like": 0, "comment": 1, "share": 2}
IDS_KEPT = 200_000
"""Of each account, since one busy account can fill its partition."""
PAUSE = timedelta(seconds=1)

Row = tuple[str, str]
"""Table and key."""


def _row() -> list[int]:
    return [0, 0, 0]


@dataclass
class Known:
    """The state of an account."""

    ids: set[str] = field(default_factory=set)
    order: deque[str] = field(default_factory=deque)
    rows: defaultdict[Row, list[int]] = field(default_factory=lambda: defaultdict(_row))
    actors: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


class Marks:
    """Says when the first delivery comes, and when the last one is in the state."""

    def __init__(self) -> None:
        self._delivered = 0

    def delivered(self, count: int) -> None:
        if self._delivered == 0:
            print("FIRST", flush=True)
        self._delivered += count

    def counted(self) -> None:
        if self._delivered == EVENTS:
            print("LAST", flush=True)


marks = Marks()


class Account(StatefulBatchLogic):  # type: ignore[misc]  # the library has no types here
    """Counts the deliveries of one account; changed rows leave a second after the first change."""

    def __init__(self, snapshot: bytes | None) -> None:
        self._known: Known = pickle.loads(snapshot) if snapshot else Known()  # noqa: S301 - our own
        self._changed: dict[Row, Any] = {}
        self._due: datetime | None = None

    def on_batch(self, events: list[dict[str, Any]]) -> tuple[Iterable[Any], bool]:
        marks.delivered(len(events))
        for event in events:
            if event["event_id"] not in self._known.ids:
                self._remember(event["event_id"])
                self._count(event)
        marks.counted()
        if self._due is None:
            self._due = datetime.now(UTC) + PAUSE
        return (), StatefulBatchLogic.RETAIN

    def _remember(self, event_id: str) -> None:
        known = self._known
        known.ids.add(event_id)
        known.order.append(event_id)
        if len(known.order) > IDS_KEPT:
            known.ids.discard(known.order.popleft())

    def _count(self, event: dict[str, Any]) -> None:
        at, post, account = event["occurred_at"], event["post_id"], event["account_id"]
        column, change = COLUMNS[event["kind"]], -1 if event["verb"] == "remove" else 1
        for row in (
            ("post-minute", f"{post}|{at - at % MINUTE}"),
            ("post-hour", f"{post}|{at - at % HOUR}"),
            ("account-minute", f"{account}|{at - at % MINUTE}"),
            ("post-total", post),
        ):
            counts = self._changed[row] = self._known.rows[row]
            counts[column] += change
        day = at - at % DAY
        actors = self._known.actors[day]
        if event["actor_id"] not in actors:
            actors.add(event["actor_id"])
            self._changed["account-day", f"{account}|{day}"] = actors

    def on_notify(self) -> tuple[Iterable[Any], bool]:
        rows = [(table, key, _value(counted)) for (table, key), counted in self._changed.items()]
        self._changed, self._due = {}, None
        return rows, StatefulBatchLogic.RETAIN

    def notify_at(self) -> datetime | None:
        return self._due

    def snapshot(self) -> bytes:
        return pickle.dumps(self._known, pickle.HIGHEST_PROTOCOL)  # a copy, and cheaper than copy.deepcopy


def _value(counted: list[int] | set[str]) -> dict[str, int]:
    return {"u": len(counted)} if isinstance(counted, set) else dict(zip("lcs", counted, strict=True))


def _flow() -> Dataflow:
    flow = Dataflow("engagement")
    deliveries = op.input(
        "deliveries", flow, KafkaSource([os.environ["BOOTSTRAP"]], [os.environ["SOURCE"]], batch_size=5000)
    )
    events = op.map("read", deliveries, lambda message: (message.key.decode(), orjson.loads(message.value)))
    rows = op.stateful_batch("count", events, Account)
    messages = op.map("write", rows, _message)
    settings = {"linger.ms": "50", "queue.buffering.max.messages": "1000000"}
    op.output("rows", messages, KafkaSink([os.environ["BOOTSTRAP"]], None, add_config=settings))
    return flow


def _message(row: tuple[str, tuple[str, str, dict[str, int]]]) -> Any:
    _, (table, key, value) = row
    return KafkaSinkMessage(key.encode(), orjson.dumps(value), topic=f"{RUN}-{table}")


flow = _flow()
