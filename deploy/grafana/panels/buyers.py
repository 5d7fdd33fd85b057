"""Buyers who are known from the organic side: what ambassadors sell, who had engaged before, who comes anyway."""

from deploy.grafana.panel import Panel, Row, Sql
from deploy.grafana.panels.assists import known
from deploy.grafana.relations import DAY_AS_TIME, DAYS, ENGAGED, IN_CURRENCY, ON_LOYAL, REVENUE

ROW = Row(
    "Ambassadors and buyers",
    (
        Panel(
            "What ambassadors sell",
            "Purchases of the time picked with a code or by a link that was given to somebody; what they bought with "
            "one of their own is not among them. One purchase may be two people's. with_code: how many of the brand's "
            "ambassadors have a code or link at all; of the others nobody can say what they sell.",
            "short",
            (
                Sql(
                    f"""
                    SELECT brand, platform, actor_id AS person, currency, sum(purchases) AS purchases,
                      sum(by_code) AS by_code, sum(by_link) AS by_link, sum(net_micros) / 1e6 AS revenue,
                      max(level) AS level, CASE WHEN bool_or(is_ambassador) THEN 'yes' ELSE 'no' END AS ambassador,
                      max(linked_persons) AS with_code, max(persons) AS ambassadors
                    FROM {REVENUE}
                    WHERE {IN_CURRENCY} AND {DAYS}
                    GROUP BY 1, 2, 3, 4 ORDER BY revenue DESC, person LIMIT 50
                    """
                ),
            ),
            kind="table",
            width=24,
        ),
        Panel(
            "Buyers who had engaged before",
            "Of the purchases of known buyers, those whose buyer was active on the brand's accounts in the 60 days "
            "before; the same of purchases with a paid touch.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, brand || ' ' || currency || ', ' || kind AS metric, share
                    FROM {ENGAGED}
                    CROSS JOIN LATERAL (VALUES ('all', engaged_share), ('paid', paid_engaged_share)) AS s (kind, share)
                    WHERE {IN_CURRENCY} AND {DAYS} AND share IS NOT NULL
                    ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
        ),
        known(
            "Buyers of whom we know who they are",
            "Part of each day's customers who are known on a social platform: by an imported list, or by a code or "
            "link of their own. Whatever is said of engagement before the purchase is said of these.",
            ENGAGED,
        ),
        Panel(
            "Spent on people who come anyway",
            "Spend of the days on which any buyer is known, and the part of it that goes to buyers who are "
            "contributing or leading in the community today: an estimate, as if those who are not known were like "
            "those who are. known: of the purchases with a paid touch, those whose buyer is known.",
            "none",
            (
                Sql(
                    f"""
                    SELECT brand, currency, sum(spend_micros) FILTER (WHERE loyal_share IS NOT NULL) / 1e6 AS spend,
                      sum(spend_on_loyal_micros) / 1e6 AS on_loyal,
                      sum(linked_paid_purchases) / nullif(sum(paid_purchases), 0)::double precision AS known
                    FROM {ON_LOYAL}
                    WHERE {IN_CURRENCY} AND {DAYS}
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """
                ),
            ),
            kind="table",
            units={"known": "percentunit"},
        ),
    ),
)
