"""What a run was, for people: top posts, one account by hour, freshness, throughput, faults, dead letters."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from rich.console import Console
from rich.table import Table

from deploy.grafana import relations
from deploy.local.evidence import percentile
from deploy.local.trial import Trial, Verdict

SHOWN_MISMATCHES = 20

TOP_POSTS = f"""
SELECT a.name, t.post_id, t.engagements, t.likes, t.comments, t.shares, round((t.coverage_likes * 100)::numeric, 1)
FROM {relations.POST_TOTALS} AS t JOIN {relations.ACCOUNTS} AS a USING (platform, account_id)
ORDER BY t.engagements DESC NULLS LAST, t.post_id LIMIT 5
"""
BY_HOUR = f"""
SELECT to_char(hour AT TIME ZONE 'UTC', 'MM-DD HH24:00'), likes, comments, shares, net_likes, anonymous
FROM {relations.ACCOUNT_HOUR} WHERE account_id = %s ORDER BY hour DESC LIMIT 8
"""
BUSIEST = f"""
SELECT account_id, name FROM {relations.ACCOUNT_DAY} JOIN {relations.ACCOUNTS} USING (platform, account_id)
GROUP BY account_id, name ORDER BY sum(likes + comments + shares) DESC, account_id LIMIT 1
"""
SPIKES = f"""
SELECT a.name, s.scope, to_char(s.started_at AT TIME ZONE 'UTC', 'MM-DD HH24:00'), s.hours, s.engagements,
       round(s.peak_z::numeric, 1), s.severity
FROM {relations.SPIKES} AS s JOIN {relations.ACCOUNTS} AS a USING (platform, account_id)
ORDER BY s.peak_z DESC, s.subject LIMIT 5
"""
COMMUNITY = f"""
SELECT a.name, h.day, h.active_7d, h.exploring, h.participating, h.contributing, h.leading,
       (SELECT count(*) FROM {relations.MEMBERS} AS m
        WHERE (m.platform, m.account_id) = (h.platform, h.account_id) AND m.is_ambassador),
       (SELECT count(*) FROM {relations.INBOUND_COMMENTS} AS c
        WHERE (c.platform, c.account_id) = (h.platform, h.account_id) AND c.needs_answer)
FROM (SELECT DISTINCT ON (platform, account_id) * FROM {relations.HEALTH} ORDER BY platform, account_id, day DESC) AS h
JOIN {relations.ACCOUNTS} AS a USING (platform, account_id)
ORDER BY h.people DESC, h.account_id LIMIT 5
"""
FRESHNESS = f"""
SELECT kind, count(*), min(reaches), max(reaches)
FROM (SELECT kind, coalesce(newest_event_at, complete_through) AS reaches FROM {relations.FRESHNESS}) AS f
GROUP BY kind ORDER BY kind
"""


def print_summary(console: Console, trial: Trial, verdict: Verdict, seconds: float) -> None:
    """Everything but the mismatches."""
    with psycopg.connect(trial.stack.dsn("reader")) as connection:
        _print(
            console,
            "top posts",
            ("account", "post", "engagements", "likes", "comments", "shares", "likes seen %"),
            connection.execute(TOP_POSTS),
        )
        account, name = connection.execute(BUSIEST).fetchone() or ("", "")
        _print(
            console,
            f"{name} by hour (UTC)",
            ("hour", "likes", "comments", "shares", "net likes", "anonymous"),
            connection.execute(BY_HOUR, [account]),
        )
        _print(
            console,
            "spikes (UTC)",
            ("account", "of", "began", "hours", "engagements", "z", "severity"),
            connection.execute(SPIKES),
        )
        _print(
            console,
            "communities",
            (
                *("account", "day", "active in 7 d", "exploring", "participating", "contributing", "leading"),
                *("ambassadors", "unanswered"),
            ),
            connection.execute(COMMUNITY),
        )
        _print(console, "freshness", ("of", "how many", "oldest", "newest"), connection.execute(FRESHNESS))
    state, latencies = verdict.state, verdict.evidence.latencies
    minima = state["minima"]
    _print(
        console,
        f"faults: {trial.world.faults}",
        ("fault", "took effect", "at least"),
        [(fault, count, minima.get(fault, "")) for fault, count in state["faults"].items()],
    )
    _print(
        console,
        "dead letters",
        ("reason", "expected", "found"),
        [(reason, *counts) for reason, counts in verdict.letters.items()],
    )
    _print(
        console,
        "tables",
        ("table", "rows", "wrong"),
        [(name, one.rows, one.wrong) for name, one in verdict.compared.items()],
    )
    console.print(
        f"{state['facts']} facts in {trial.world.seconds:g} s ({state['facts'] / trial.world.seconds:.0f}/s), "
        f"{verdict.evidence.events} events on the log, "
        f"{verdict.seen_twice:.0%} of the facts seen by webhook and poll, {verdict.rows} rows, {seconds:.0f} s in all"
    )
    if latencies:
        shown = (f"p{part} {percentile(latencies, part / 100):.2f} s" for part in (50, 99))
        console.print(f"from a webhook's receipt to the visible row: {', '.join(shown)}")


def print_mismatches(console: Console, verdict: Verdict) -> None:
    """The first wrong rows of each table."""
    for name, one in verdict.compared.items():
        if one.fault is not None:
            console.print(f"{name}: {one.fault}", style="red", markup=False)
        for mismatch in one.mismatches[:SHOWN_MISMATCHES]:
            console.print(f"{name}: {mismatch}", style="red", markup=False, soft_wrap=True)


def _print(console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
