"""How far this sink has come, kept in the database beside the rows.

Moving is compare-and-set: who finds another offset than the one it started from is no longer the owner.
"""

import uuid
from collections.abc import Mapping, Sequence

import psycopg

from sinks.records import Place

SINK = "postgres"
Moves = Mapping[Place, tuple[int, int]]
"""For each place the offset to find and the offset to leave."""


class RecreatedTopic(Exception):
    """The topic of the stored offsets is gone; one of the same name stands in its place."""


class LostOwnership(Exception):
    """Somebody else moved an offset: its rows are in, ours must not follow."""


def start(
    connection: psycopg.Connection, places: Sequence[Place], topic_ids: Mapping[str, uuid.UUID]
) -> dict[Place, int]:
    """Offsets to start from; a place that is new begins at 0. Another topic id is a RecreatedTopic."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pipeline.sink_offsets (sink, topic, partition, next_offset, topic_id)"
            " VALUES (%s, %s, %s, 0, %s) ON CONFLICT DO NOTHING",
            [(SINK, place.topic, place.partition, topic_ids[place.topic]) for place in places],
        )
        stored = cursor.execute(
            "SELECT topic, partition, next_offset, topic_id FROM pipeline.sink_offsets WHERE sink = %s", [SINK]
        ).fetchall()
    if recreated := sorted({topic for topic, _, _, known in stored if topic_ids.get(topic, known) != known}):
        raise RecreatedTopic(
            f"{', '.join(recreated)} was recreated since its records were applied: the stored offsets mean nothing in "
            "the new topic. If its rows are to be applied from the beginning, delete its rows from "
            "pipeline.sink_offsets and start again."
        )
    wanted = set(places)
    return {place: offset for t, p, offset, _ in stored if (place := Place(t, p)) in wanted}


def stored(connection: psycopg.Connection, places: Sequence[Place]) -> dict[Place, int]:
    """The offsets of these places as they stand."""
    found = connection.execute(
        "SELECT o.topic, o.partition, o.next_offset FROM pipeline.sink_offsets AS o"
        " JOIN unnest(%s::text[], %s::integer[]) AS w(topic, partition) USING (topic, partition) WHERE o.sink = %s",
        [[p.topic for p in places], [p.partition for p in places], SINK],
    ).fetchall()
    return {Place(topic, partition): offset for topic, partition, offset in found}


def reached(connection: psycopg.Connection) -> dict[tuple[str, int], int]:
    """What every shard of this sink has applied, of all topics, before this transaction."""
    found = connection.execute(
        "SELECT topic, partition, next_offset FROM pipeline.sink_offsets WHERE sink = %s", [SINK]
    )
    return {(topic, partition): offset for topic, partition, offset in found}


def move(connection: psycopg.Connection, moves: Moves) -> None:
    """Move every offset from where it was left, or raise LostOwnership."""
    moved = connection.execute(
        "UPDATE pipeline.sink_offsets AS o SET next_offset = m.after, updated_at = now()"
        " FROM unnest(%s::text[], %s::integer[], %s::bigint[], %s::bigint[]) AS m(topic, partition, before, after)"
        " WHERE o.sink = %s AND o.topic = m.topic AND o.partition = m.partition AND o.next_offset = m.before",
        [
            [place.topic for place in moves],
            [place.partition for place in moves],
            [before for before, _ in moves.values()],
            [after for _, after in moves.values()],
            SINK,
        ],
    ).rowcount
    if moved != len(moves):
        raise LostOwnership(f"{len(moves) - moved} of {len(moves)} offsets were moved by another sink")
