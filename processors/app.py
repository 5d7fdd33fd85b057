"""The Faust app. Read this first: what is read, what folds it, and what happens when.

Of Faust we use the worker, the group, agents and signals; the engine makes it exact (`engine/worker.py`):

* a message is a whole fetch of one partition (`engine/transport.py`),
* state is ours, one object a partition (`engine/state.py`), folded by pure functions (`engagement/`, `attribution/`),
* rows, state and positions are committed in one transaction a partition and flush (`engine/partition.py`),
* a partition starts by fencing its former owner and reading back its commits (`engine/recovery.py`).
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import faust
from faust.types import StreamT

from contracts.config import Config
from processors.attribution import paid
from processors.engagement import organic
from processors.engine.failstop import stop_now
from processors.engine.state import Processor
from processors.engine.transport import Batch, Group, Transport
from processors.engine.worker import Worker
from processors.settings import ProcessorSettings

PROCESSORS: Mapping[str, Callable[[Config], Processor]] = {"organic": organic.processor, "paid": paid.processor}


def group_id(processor: str) -> str:
    """The consumer group whose offsets show a processor's lag."""
    return f"engagement-{processor}"


class App(faust.App):
    """Faust, except that nothing is written to disk and a crash anywhere ends the process."""

    logger = logging.getLogger("faust.app")

    def _create_directories(self) -> None:
        """No tables, so no directories."""

    def _crash(self, reason: BaseException) -> None:
        if not self.should_stop:
            stop_now("faust", reason)
        super()._crash(reason)


def create_app(worker: Worker, settings: ProcessorSettings) -> App:
    """The app that runs `worker`: its topics, its one agent, and the moments at which the engine acts."""
    app = App(group_id(worker.processor.name), **_options(settings))
    app.transport = Transport(settings.kafka_bootstrap_servers, app, worker)
    worker.join(Group(app))
    sources = app.topic(
        *worker.processor.sources,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        acks=False,  # the checkpoint is the truth, group offsets are only lag
    )

    @app.agent(sources, name=worker.processor.name)
    async def fold(stream: StreamT[Batch]) -> None:
        with worker.failing("agent"):
            async for event in stream.events():
                await worker.fold(event.message.topic, event.message.partition, event.value)

    @app.on_rebalance_complete.connect
    async def assigned(*_: Any, **__: Any) -> None:
        await worker.assigned()

    @app.on_partitions_revoked.connect
    async def revoked(*_: Any, **__: Any) -> None:
        await worker.revoked()

    @app.on_before_shutdown.connect
    async def before_shutdown(*_: Any, **__: Any) -> None:
        await worker.before_shutdown()

    app.task(worker.rounds)
    return app


def _options(settings: ProcessorSettings) -> dict[str, Any]:
    session = settings.processor_session_timeout_seconds
    return {
        "broker": f"kafka://{settings.kafka_bootstrap_servers.split(',')[0]}",
        "store": "memory://",
        "autodiscover": False,
        "web_enabled": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "stream_wait_empty": False,
        "stream_buffer_maxsize": 8,  # fetches, not records
        "broker_max_poll_records": 16,  # record batches
        "consumer_max_fetch_size": 2 << 20,
        "consumer_auto_offset_reset": "earliest",
        "consumer_group_instance_id": settings.processor_instance_id,
        "broker_session_timeout": session,
        "broker_heartbeat_interval": session / 4,
        "broker_request_timeout": max(30.0, session),
        "broker_rebalance_timeout": max(30.0, session),
    }
