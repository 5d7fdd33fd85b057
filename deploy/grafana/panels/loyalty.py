"""Who stays, who is to be thanked, and who is about to be lost."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, COHORTS, MEMBERS, PICKED, RFM

_WEEKS = (1, 2, 3, 4, 6, 8, 12)


def _retention(week: int) -> str:
    of_week = f"FILTER (WHERE week = {week})"
    return f'sum(active) {of_week}::double precision / nullif(sum(members) {of_week}, 0) AS "week {week}"'


ROW = Row(
    "Loyalty",
    (
        Panel(
            "Cohorts",
            "People by the week of their first engagement, and the part of them that engaged again in the n-th week "
            "after it (O18). Empty: that week has not come yet.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT to_char(cohort_week, 'IYYY-"W"IW') AS cohort,
                      sum(members) FILTER (WHERE week = 0) AS members, {", ".join(map(_retention, _WEEKS))}
                    FROM {COHORTS}
                    WHERE {PICKED}
                    GROUP BY cohort_week ORDER BY cohort_week DESC LIMIT 16
                    """
                ),
            ),
            kind="grid",
            width=16,
            height=10,
            units={"members": "short"},
        ),
        Panel(
            "Segments",
            "People by recency, frequency and value within their account (O19): champion, loyal, recent, at_risk, "
            "asleep, regular.",
            "short",
            (
                Sql(
                    f"""
                    SELECT segment, count(*) AS people
                    FROM {RFM}
                    WHERE {PICKED}
                    GROUP BY segment ORDER BY people DESC, segment
                    """
                ),
            ),
            kind="ranking",
            height=10,
        ),
        Panel(
            "Ambassadors",
            "People far in who carry the brand on, with the rules that they meet; the fifty furthest in. Counts are "
            "what stands now.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, actor_id AS person, level, ring,
                      array_to_string(ambassador_reasons, ', ') AS reasons, shares, mentions, comments, reactions,
                      active_days, last_seen_day::text AS last_seen
                    FROM {MEMBERS} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE is_ambassador AND {PICKED}
                    ORDER BY level DESC, coalesce(shares, 0) + coalesce(mentions, 0) DESC, person LIMIT 50
                    """
                ),
            ),
            kind="table",
            width=14,
            height=10,
        ),
        Panel(
            "People about to be lost",
            "Came often and have not come for long (segment at_risk), those of most value first; thirty at most.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, actor_id AS person, members.ring,
                      members.last_seen_day::text AS last_seen, members.active_days, rfm.commitment
                    FROM {RFM} AS rfm
                    JOIN {MEMBERS} AS members USING (platform, account_id, actor_id)
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE segment = 'at_risk' AND {PICKED}
                    ORDER BY rfm.commitment DESC, person LIMIT 30
                    """
                ),
            ),
            kind="table",
            width=10,
            height=10,
        ),
    ),
)
