"""Comments of others, and whether and when the page has answered."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from ingest.simulator.ledger import walk
from ingest.simulator.ledger.counting import Row, Rows, local_day, moment
from ingest.simulator.ledger.figures import percentile
from ingest.simulator.ledger.walk import Interaction


def inbound_comments(platform: str, interactions: Iterable[Interaction]) -> Rows:
    """Each comment that is not the owner's, with the owner's first standing comment in its thread from then on."""
    asked: list[tuple[Interaction, int]] = []
    answers: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in interactions:
        at = next((fact.at for fact in one.facts if fact.action == "add"), None)
        if one.kind != "comment" or at is None:
            continue
        if not one.by_owner:
            asked.append((one, at))
        elif walk.stands(one):
            answers[_thread(one)].append((at, one.subject))
    return {(platform, one.account, one.subject): _row(one, at, answers[_thread(one)]) for one, at in asked}


def _thread(one: Interaction) -> tuple[str, str]:
    return one.account, one.parent or one.subject


def _row(one: Interaction, at: int, answers: Iterable[tuple[int, str]]) -> Row:
    answer = min((found for found in answers if found[0] >= at), default=None)
    is_removed, is_hidden = not walk.stands(one), walk.is_hidden(one)
    return {
        "post_id": one.post,
        "parent_id": one.parent,
        "actor_id": one.person,
        "permalink": one.permalink,
        "asked_at": moment(at),
        "answered_at": None if answer is None else moment(answer[0]),
        "answer_id": None if answer is None else answer[1],
        "is_removed": is_removed,
        "is_hidden": is_hidden,
        "needs_answer": answer is None and not is_removed and not is_hidden,
    }


def response_times(inbound: Rows, zones: Mapping[str, str]) -> Rows:
    """`response_times_by_account_day`, O15: over the comments of a day that are not removed."""
    days: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for (platform, account, _), row in inbound.items():
        if not row["is_removed"]:
            day = local_day(_milliseconds(row["asked_at"]), zones[account])
            days[platform, account, day].append(row)
    return {key: _times(rows) for key, rows in days.items()}


def _times(rows: list[Row]) -> Row:
    waits = [(row["answered_at"] - row["asked_at"]).total_seconds() for row in rows if row["answered_at"]]
    within = {hours: sum(wait <= hours * 3600 for wait in waits) for hours in (1, 4, 24)}
    return {
        "inbound": len(rows),
        "answered": len(waits),
        "unanswered": sum(row["needs_answer"] for row in rows),
        **{f"within_{hours}h": number for hours, number in within.items()},
        "median_seconds": percentile(waits, 0.5),
        "p90_seconds": percentile(waits, 0.9),
        "mean_seconds": sum(waits) / len(waits) if waits else None,
        "answered_share": len(waits) / len(rows),
        "within_24h_share": within[24] / len(rows),
    }


def _milliseconds(time: dt.datetime) -> int:
    return int(time.timestamp() * 1000)
