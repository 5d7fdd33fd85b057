"""What people are called, and who was erased: written in the transaction of the rows.

An erasure, a name that is deleted and one that comes late may arrive in any order. What decides is time: a name is
kept only if it was seen after the last erasure of its person.
"""

from collections.abc import Iterable, Mapping, Sequence

import psycopg

from contracts import identity, topics
from contracts.events import Erasure, Person

Key = tuple[str, str]
"""Platform and pseudonym."""
Offsets = Mapping[tuple[str, int], int]

_INSTANT = "'epoch'::timestamptz + %s * interval '1 millisecond'"


def delete_people(connection: psycopg.Connection, people: Sequence[Key]) -> None:
    """These have no name any more."""
    connection.execute(
        "DELETE FROM analytics.people AS held USING unnest(%s::text[], %s::text[]) AS gone(platform, actor_id)"
        " WHERE held.platform = gone.platform AND held.actor_id = gone.actor_id",
        [[platform for platform, _ in people], [actor_id for _, actor_id in people]],
    )


def write_people(connection: psycopg.Connection, people: Sequence[Person]) -> None:
    """Names as last seen, if that was after the last erasure."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO analytics.people AS held (platform, actor_id, name, profile_url, seen_at)"
            f" SELECT one.* FROM (VALUES (%s, %s, %s, %s, {_INSTANT}))"
            " AS one(platform, actor_id, name, profile_url, seen_at) WHERE NOT EXISTS"
            " (SELECT FROM pipeline.erasures AS e WHERE e.person = %s AND e.requested_at > one.seen_at)"
            " ON CONFLICT (platform, actor_id) DO UPDATE SET"
            " name = excluded.name, profile_url = excluded.profile_url, seen_at = excluded.seen_at"
            " WHERE excluded.seen_at >= held.seen_at",
            [
                (p.platform, p.actor_id, p.name, p.profile_url, p.seen_at, _person(p.platform, p.actor_id))
                for p in people
            ],
        )


def forget_people(connection: psycopg.Connection, days: int) -> int:
    """Delete the names of those who were last seen so many days before the newest event; answers how many."""
    return connection.execute(
        "DELETE FROM analytics.people WHERE seen_at < (SELECT max(newest_event_at) - make_interval(days => %s)"
        " FROM pipeline.freshness WHERE kind = 'table')",
        [days],
    ).rowcount


def write_erasures(connection: psycopg.Connection, erasures: Iterable[Erasure]) -> None:
    """These were asked for; their persons' names go at once, and their name in comments."""
    for one in erasures:
        connection.execute(
            "INSERT INTO pipeline.erasures (erasure_id, platform, person, requested_at, logs_expire_at)"
            f" VALUES (%s, %s, %s, {_INSTANT}, {_INSTANT}) ON CONFLICT (erasure_id) DO UPDATE SET"
            " requested_at = excluded.requested_at, logs_expire_at = excluded.logs_expire_at",
            [
                one.erasure_id,
                one.platform,
                _person(one.platform, one.pseudonym),
                one.erased_at,
                topics.forgotten_at(one.erased_at, one.platform),
            ],
        )
        # Comments that the processors have let go of are nobody else's to change.
        connection.execute(
            "UPDATE analytics.inbound_comments SET actor_id = NULL"
            f" WHERE platform = %s AND actor_id = %s AND asked_at < {_INSTANT}",
            [one.platform, one.pseudonym, one.erased_at],
        )
        _write_customers_erasure(connection, one)
        connection.execute(
            f"DELETE FROM analytics.people WHERE platform = %s AND actor_id = %s AND seen_at < {_INSTANT}",
            [one.platform, one.pseudonym, one.erased_at],
        )


def _write_customers_erasure(connection: psycopg.Connection, one: Erasure) -> None:
    """Orders and links of a visitor or a customer that the processors have let go of."""
    if one.platform not in topics.BUYERS:
        return
    column = f"{one.platform}_id"
    connection.execute(
        f"UPDATE analytics.conversions SET {column} = NULL WHERE {column} = %s AND ordered_at < {_INSTANT}".encode(),
        [one.pseudonym, one.erased_at],
    )
    connection.execute(
        f"DELETE FROM analytics.identity_links WHERE {column} = %s AND linked_at < {_INSTANT}".encode(),
        [one.pseudonym, one.erased_at],
    )


def is_through(erasure: Erasure, reached: Offsets) -> bool:
    """Has all that the erasure wrote been applied? One that has not written it yet is not."""
    return bool(erasure.produced) and all(
        reached.get((topic, partition), -1) >= offset
        for topic, offsets in erasure.produced.items()
        for partition, offset in offsets.items()
    )


def clear_erasures(connection: psycopg.Connection, erasures: Iterable[Erasure]) -> None:
    """Every partition is through with these."""
    connection.execute(
        "UPDATE pipeline.erasures SET cleared_at = coalesce(cleared_at, now()) WHERE erasure_id = ANY(%s)",
        [[one.erasure_id for one in erasures]],
    )


def _person(platform: str, actor_id: str) -> str:
    return identity.erased_person(platform, actor_id)
