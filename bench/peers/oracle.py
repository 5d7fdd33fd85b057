"""Counts by itself what every engine should have written: plain dictionaries, no event id or actor forgotten."""

import json
from collections import defaultdict

from bench.peers.workload import DAY_MS, HOUR_MS, MINUTE_MS

Rows = dict[str, dict[str, int]]
"""Key of an output record -> its value."""


class Oracle:
    """`deliveries`, `duplicates`: how many were seen, and how many of them again."""

    def __init__(self) -> None:
        self.deliveries = 0
        self.duplicates = 0
        self._seen: set[str] = set()
        self._counts: defaultdict[str, Rows] = defaultdict(dict)
        self._actors: defaultdict[str, set[str]] = defaultdict(set)

    def count(self, value: bytes) -> None:
        """One more delivery."""
        self.deliveries += 1
        event = json.loads(value)
        if event["event_id"] in self._seen:
            self.duplicates += 1
            return
        self._seen.add(event["event_id"])
        at, post, account = event["occurred_at"], event["post_id"], event["account_id"]
        keys = {
            "post-minute": f"{post}|{at - at % MINUTE_MS}",
            "post-hour": f"{post}|{at - at % HOUR_MS}",
            "account-minute": f"{account}|{at - at % MINUTE_MS}",
            "post-total": post,
        }
        for table, key in keys.items():
            row = self._counts[table].setdefault(key, {"l": 0, "c": 0, "s": 0})
            row[event["kind"][0]] += -1 if event["verb"] == "remove" else 1
        self._actors[f"{account}|{at - at % DAY_MS}"].add(event["actor_id"])

    def tables(self) -> dict[str, Rows]:
        """Every row of every table."""
        uniques = {key: {"u": len(actors)} for key, actors in self._actors.items()}
        return {**self._counts, "account-day": uniques}
