"""Whether the editorial plan is kept."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, ADHERENCE, ADHERENCE_MONTH, MIX, PICKED, POSTS

ROW = Row(
    "Editorial plan",
    (
        Panel(
            "Plan by month",
            "Slots of a month: kept, missed and open ones, kept over those that are over (O27), and the part of the "
            "posts that nobody planned. Without an imported plan it is empty.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, to_char(month, 'YYYY-MM') AS month, planned, kept, early, late,
                      missed, open_slots AS open, unplanned, adherence, unplanned_share
                    FROM {ADHERENCE_MONTH} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED}
                    ORDER BY 2 DESC, 1
                    """
                ),
            ),
            kind="table",
            width=14,
            units={"adherence": "percentunit", "unplanned_share": "percentunit"},
        ),
        Panel(
            "Mix of pillars",
            "How the slots of a month are spread over the pillars, as planned and as kept. A slot without a pillar is "
            "in the line without one.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, to_char(month, 'YYYY-MM') AS month, pillar, planned, kept,
                      planned_share, kept_share
                    FROM {MIX} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    WHERE {PICKED}
                    ORDER BY 2 DESC, 1, planned DESC, pillar
                    """
                ),
            ),
            kind="table",
            width=10,
            units={"planned": "short", "kept": "short"},
        ),
        Panel(
            "Slots and unplanned posts",
            "What became of each slot, and the posts that nobody planned; the newest hundred. off: minutes after the "
            "planned time, before it if negative.",
            "short",
            (
                Sql(
                    f"""
                    SELECT accounts.name AS account, adherence.planned_at AS planned,
                      adherence.published_at AS published, adherence.outcome, adherence.minutes_off AS off,
                      adherence.pillar, adherence.title, posts.permalink AS link
                    FROM {ADHERENCE} AS adherence
                    JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
                    LEFT JOIN {POSTS} AS posts USING (platform, account_id, post_id)
                    WHERE {PICKED}
                    ORDER BY coalesce(adherence.planned_at, adherence.published_at) DESC, slot_id LIMIT 100
                    """
                ),
            ),
            kind="table",
            width=24,
            units={"planned": "dateTimeAsIso", "published": "dateTimeAsIso", "off": "m"},
            links=("link",),
        ),
    ),
)
