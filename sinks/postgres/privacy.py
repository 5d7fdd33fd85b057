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
_WRITE_PERSON = f"""
    INSERT INTO analytics.people AS held (platform, actor_id, name, profile_url, seen_at, other_ids)
    SELECT one.platform, coalesce(first.actor_id, one.actor_id), name, profile_url, seen_at, other_ids
    FROM (VALUES (%s, %s, %s, %s, {_INSTANT}, %s::text[]))
        AS one(platform, actor_id, name, profile_url, seen_at, other_ids)
    LEFT JOIN LATERAL (
        SELECT known.actor_id FROM analytics.people AS known
        WHERE known.platform = one.platform AND known.other_ids @> ARRAY[one.actor_id] LIMIT 1
    ) AS first ON true
    WHERE NOT EXISTS (
        SELECT FROM pipeline.erasures AS e
        WHERE (e.person = ANY(%s) OR e.person_next = ANY(%s)) AND e.requested_at > one.seen_at
    )
    ON CONFLICT (platform, actor_id) DO UPDATE SET
        name = CASE WHEN excluded.seen_at >= held.seen_at THEN excluded.name ELSE held.name END,
        profile_url = CASE WHEN excluded.seen_at >= held.seen_at THEN excluded.profile_url ELSE held.profile_url END,
        seen_at = greatest(excluded.seen_at, held.seen_at),
        other_ids = (
            SELECT coalesce(array_agg(DISTINCT id), '{{}}') FROM unnest(held.other_ids || excluded.other_ids) AS id
        )
    WHERE excluded.seen_at >= held.seen_at OR NOT held.other_ids @> excluded.other_ids
"""


def delete_people(connection: psycopg.Connection, people: Sequence[Key]) -> None:
    """These have no name any more."""
    connection.execute(
        "DELETE FROM analytics.people AS held USING unnest(%s::text[], %s::text[]) AS gone(platform, actor_id)"
        " WHERE held.platform = gone.platform"
        " AND (held.actor_id = gone.actor_id OR held.other_ids @> ARRAY[gone.actor_id])",
        [[platform for platform, _ in people], [actor_id for _, actor_id in people]],
    )


def write_people(connection: psycopg.Connection, people: Sequence[Person]) -> None:
    """Names as last seen, if that was after the last erasure, each under the first pseudonym of its person. Who was
    erased before their next pseudonym was known is so by that one, too."""
    renamed = [
        (_person(p.platform, p.actor_id_next), _person(p.platform, p.actor_id)) for p in people if p.actor_id_next
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE pipeline.erasures SET person_next = new.person FROM (VALUES (%s, %s)) AS new(person, former)"
            " WHERE new.former IN (erasures.person, person_next) AND person_next IS DISTINCT FROM new.person",
            renamed,
        )
        cursor.executemany(_WRITE_PERSON, [_row(person) for person in people])


def _row(p: Person) -> tuple[object, ...]:
    """A name, what else its person is called, and as whom they may have been erased."""
    others = [] if p.actor_id_next is None else [p.actor_id_next]
    erased = [_person(p.platform, name) for name in (p.actor_id, *others)]
    return p.platform, p.actor_id, p.name, p.profile_url, p.seen_at, others, erased, erased


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
            "INSERT INTO pipeline.erasures (erasure_id, platform, person, person_next, requested_at, logs_expire_at)"
            f" VALUES (%s, %s, %s, %s, {_INSTANT}, {_INSTANT}) ON CONFLICT (erasure_id) DO UPDATE SET"
            " requested_at = excluded.requested_at, logs_expire_at = excluded.logs_expire_at,"
            " person_next = coalesce(excluded.person_next, erasures.person_next)",
            [
                one.erasure_id,
                one.platform,
                _person(one.platform, one.pseudonym),
                None if one.pseudonym_next is None else _person(one.platform, one.pseudonym_next),
                one.erased_at,
                topics.forgotten_at(one.erased_at, one.platform),
            ],
        )
        # Comments that the processors have let go of are nobody else's to change.
        connection.execute(
            "UPDATE analytics.inbound_comments SET actor_id = NULL"
            f" WHERE platform = %s AND actor_id = ANY(%s) AND asked_at < {_INSTANT}",
            [one.platform, _names(one), one.erased_at],
        )
        _write_customers_erasure(connection, one)
        _write_lists_erasure(connection, one)
        connection.execute(
            "DELETE FROM analytics.people"
            f" WHERE platform = %s AND (actor_id = ANY(%s) OR other_ids && %s) AND seen_at < {_INSTANT}",
            [one.platform, _names(one), _names(one), one.erased_at],
        )


def _write_customers_erasure(connection: psycopg.Connection, one: Erasure) -> None:
    """Orders and links of a visitor or a customer that the processors have let go of."""
    if one.platform not in topics.BUYERS:
        return
    column = f"{one.platform}_id"
    connection.execute(
        f"UPDATE analytics.conversions SET {column} = NULL"
        f" WHERE {column} = ANY(%s) AND ordered_at < {_INSTANT}".encode(),
        [_names(one), one.erased_at],
    )
    connection.execute(
        f"DELETE FROM analytics.identity_links WHERE {column} = ANY(%s) AND linked_at < {_INSTANT}".encode(),
        [_names(one), one.erased_at],
    )


def _write_lists_erasure(connection: psycopg.Connection, one: Erasure) -> None:
    """What was imported of them before: whose code is whose, and who buys."""
    connection.execute(
        "DELETE FROM analytics.ambassador_codes"
        f" WHERE platform = %s AND actor_id = ANY(%s) AND imported_at < {_INSTANT}",
        [one.platform, _names(one), one.erased_at],
    )
    connection.execute(
        "DELETE FROM analytics.imported_buyers WHERE (platform = %s AND actor_id = ANY(%s)"
        f" OR %s = 'customer' AND customer_id = ANY(%s)) AND imported_at < {_INSTANT}",
        [one.platform, _names(one), one.platform, _names(one), one.erased_at],
    )


def _names(one: Erasure) -> list[str]:
    return [name for name in (one.pseudonym, one.pseudonym_next) if name is not None]


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
