"""A connection that may write: prepared, holding the lease, one at a time for each partition.

The lease is an advisory lock for every partition of the shard. It ends with the session, so that after a kill -9
the next sink gets it as soon as the server has noticed; a paused one loses it by the time limits below.
"""

import os
import socket
from collections.abc import Iterable

import psycopg

LEASE = 0x736E6B70  # first key of the advisory locks; the second is the partition
LEASE_NAME = "sink-postgres"
_LIMITS = {
    "synchronous_commit": "on",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
    "idle_session_timeout": "60s",  # the sink asks something every few seconds
    "client_connection_check_interval": "2s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "temp_buffers": "32MB",
    "search_path": "pg_catalog, pg_temp",
    "timezone": "UTC",
}


class LeaseHeld(Exception):
    """Another sink writes these partitions; it may be one that was killed and has not been noticed yet."""


def connect(dsn: str) -> psycopg.Connection:
    """A connection with the writer's limits, in autocommit."""
    connection = psycopg.connect(
        dsn,
        autocommit=True,
        prepare_threshold=2,
        application_name=LEASE_NAME,
        connect_timeout=5,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    for name, value in _LIMITS.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])
    return connection


def take_lease(connection: psycopg.Connection, partitions: Iterable[int]) -> None:
    """Return when this session alone may write these partitions, raise LeaseHeld when another one may."""
    wanted = sorted(set(partitions))
    for partition in wanted:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", [LEASE, partition]).fetchone()
        if row is None or not row[0]:
            raise LeaseHeld(f"partition {partition} is written by another sink; last seen: {_holder(connection)}")
    connection.execute(
        "INSERT INTO pipeline.leases (name, holder) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET"
        " holder = excluded.holder, acquired_at = now()",
        [f"{LEASE_NAME}:{','.join(map(str, wanted))}", f"{socket.gethostname()}:{os.getpid()}"],
    )


def _holder(connection: psycopg.Connection) -> str:
    row = connection.execute(
        "SELECT string_agg(holder || ' since ' || acquired_at, '; ') FROM pipeline.leases WHERE name LIKE %s",
        [f"{LEASE_NAME}:%"],
    ).fetchone()
    return str(row[0]) if row and row[0] else "unknown"
