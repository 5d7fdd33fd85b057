"""How much of what ads sold had help that nobody paid for."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.relations import ASSISTS, DAY_AS_TIME, DAYS, IN_CURRENCY, OF_BRAND, SPLIT


def known(title: str, doc: str, view: str) -> Panel:
    """Part of the persons that a day of the view counts of whom it can say anything."""
    return Panel(
        title,
        doc,
        "percentunit",
        (
            Sql(
                f"""
                SELECT {DAY_AS_TIME}, brand || ' ' || currency AS metric,
                  linked_persons::double precision / nullif(persons, 0) AS known
                FROM {view}
                WHERE {IN_CURRENCY} AND {DAYS} AND persons > 0
                ORDER BY 1, 2
                """,
                is_series=True,
            ),
        ),
    )


ROW = Row(
    "Organic help",
    (
        Panel(
            "Paid purchases with organic help",
            "Of the purchases with a paid touch in their path, those with an organic post or search before the last "
            "paid touch. Only journeys on the brand's own sites are seen, so it is a lower bound.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, brand || ' ' || currency AS metric, assisted_share
                    FROM {ASSISTS}
                    WHERE {IN_CURRENCY} AND {DAYS} AND assisted_share IS NOT NULL
                    ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
        ),
        Panel(
            "Value with organic help",
            "Paid value of the time picked, the part of it with organic help, and how often organic helps for each "
            "time that it comes last.",
            "none",
            (
                Sql(
                    f"""
                    SELECT brand, currency, sum(paid_value_micros) / 1e6 AS paid_value,
                      sum(assisted_value_micros) / 1e6 AS assisted_value,
                      sum(organic_purchases)::double precision / nullif(sum(last_organic_purchases), 0) AS assist_ratio
                    FROM {ASSISTS}
                    WHERE {IN_CURRENCY} AND {DAYS}
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """
                ),
            ),
            kind="table",
        ),
        known(
            "Buyers of whom a touch is known",
            "Part of each day's buyers of whom any touch is known; of the others nobody can say what helped.",
            ASSISTS,
        ),
        Panel(
            "What of promoted posts came by itself",
            "Posts that ads promote: people whom no ad reached (between two bounds, since ads reach some people twice) "
            "and engagement that the platform does not count for the ads.",
            "short",
            (
                Sql(
                    f"""
                    SELECT platform, post_id, ads, total_reach, organic_reach_least, organic_reach_most,
                      total_engagements, paid_engagements, organic_engagements, paid_share
                    FROM {SPLIT}
                    WHERE {OF_BRAND}
                    ORDER BY paid_engagements DESC NULLS LAST, post_id LIMIT 50
                    """
                ),
            ),
            kind="table",
            width=24,
            units={"paid_share": "percentunit"},
        ),
    ),
)
