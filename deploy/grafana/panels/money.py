"""What was spent and what came of it: by the ads' own figures, by attribution, and as it was believed before."""

from contracts import metrics
from deploy.grafana.panel import Panel, Prom, Row, Sql
from deploy.grafana.relations import (
    ATTRIBUTED_ROAS,
    BELIEFS,
    BY_MODEL,
    CAMPAIGN_DAY,
    CHANNEL_DAY,
    CLAIMED,
    DAY_AS_TIME,
    DAYS,
    EFFICIENCY,
    IN_CURRENCY,
    OF_BRAND,
    PACING,
    PATHS,
    REMOVAL_EFFECTS,
    TAGGING,
)

SPEND = Row(
    "Spend",
    (
        Panel(
            "Spend by campaign",
            "Spent a day on ads of each campaign, in the currency that is picked, on the ad account's own days.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, coalesce(campaign_name, campaign_id) || ' ' || currency AS metric,
                      sum(spend_micros) / 1e6 AS spend
                    FROM {CAMPAIGN_DAY}
                    WHERE {IN_CURRENCY} AND {DAYS}
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=12,
        ),
        Panel(
            "Revenue for each unit spent",
            "All paid orders net of refunds over all spend (MER), by day: no model is needed for it. Days without "
            "spend are left out.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, brand || ' ' || currency AS metric, mer
                    FROM {EFFICIENCY}
                    WHERE {IN_CURRENCY} AND {DAYS} AND mer IS NOT NULL
                    ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
            width=12,
        ),
        Panel(
            "Budgets off pace",
            "Every budget that has a pace, the furthest off first; 100 is as planned. A daily budget is about the "
            "newest day, which may still be going on.",
            "none",
            (
                Sql(
                    f"""
                    SELECT brand, coalesce(name, entity_id) AS entity, kind, budget_kind, currency,
                      budget_micros / 1e6 AS budget, spend_micros / 1e6 AS spent, expected_micros / 1e6 AS expected,
                      pacing_percent, projected_micros / 1e6 AS projected, through_day
                    FROM {PACING}
                    WHERE {IN_CURRENCY} AND pacing_percent IS NOT NULL
                    ORDER BY abs(pacing_percent - 100) DESC, entity_id LIMIT 50
                    """
                ),
            ),
            kind="table",
            width=24,
            units={"pacing_percent": "percent", "through_day": "dateTimeAsIso"},
        ),
    ),
)

ATTRIBUTION = Row(
    "Attribution",
    (
        Panel(
            "Credited value by channel",
            "What the touches of each day are credited with, net of refunds, in the models that are picked: one picked "
            "at a time reads best.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, channel || ' (' || model || ') ' || currency AS metric,
                      sum(value_micros) / 1e6 AS value
                    FROM {CHANNEL_DAY}
                    WHERE {BY_MODEL} AND basis = 'touch' AND {DAYS}
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=12,
        ),
        Panel(
            "Where the models disagree",
            "Value credited to each channel by model over the time picked. Where a row's numbers are far apart, the "
            "answer depends on the model.",
            "none",
            (
                Sql(
                    f"""
                    SELECT channel, currency, min(value) AS least, max(value) AS most,
                      (array_agg(model ORDER BY value DESC, model))[1] AS most_by
                    FROM (SELECT channel, currency, model, sum(value_micros) / 1e6 AS value FROM {CHANNEL_DAY}
                          WHERE {BY_MODEL} AND basis = 'touch' AND {DAYS} GROUP BY 1, 2, 3) AS by_model
                    GROUP BY 1, 2 ORDER BY max(value) - min(value) DESC, channel
                    """
                ),
            ),
            kind="table",
            width=12,
        ),
        Panel(
            "Return on ad spend by campaign",
            "Value credited to the touches of each campaign over what it cost (ROAS), of the time picked; empty where "
            "nothing was spent.",
            "none",
            (
                Sql(
                    f"""
                    SELECT coalesce(campaign_name, campaign_id) AS campaign, model, currency,
                      sum(spend_micros) / 1e6 AS spend, sum(purchases) AS purchases, sum(value_micros) / 1e6 AS value,
                      sum(value_micros)::double precision / nullif(sum(spend_micros), 0) AS roas
                    FROM {ATTRIBUTED_ROAS}
                    WHERE {BY_MODEL} AND {DAYS}
                    GROUP BY 1, 2, 3 ORDER BY roas DESC NULLS LAST, campaign, model LIMIT 100
                    """
                ),
            ),
            kind="table",
            width=12,
        ),
        Panel(
            "Lost without the channel",
            "Part of the purchases that would be lost if a channel were cut, by the Markov chain of the last 90 days "
            "(repeats left out). The smallest is the first to cut.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT channel, avg(removal_effect) AS lost
                    FROM {REMOVAL_EFFECTS}
                    WHERE {OF_BRAND} AND path_option = 'without_repeats'
                    GROUP BY channel ORDER BY lost DESC, channel
                    """
                ),
            ),
            kind="ranking",
            width=6,
        ),
        Panel(
            "Most frequent ways",
            "The channels that people came through, repeats left out, with how many bought and how many have not "
            "so far.",
            "none",
            (
                Sql(
                    f"""
                    SELECT path, sum(purchases) AS purchases, sum(open_journeys) AS open_journeys
                    FROM {PATHS}
                    WHERE {OF_BRAND} AND path_option = 'without_repeats'
                    GROUP BY path ORDER BY purchases DESC, path LIMIT 25
                    """
                ),
            ),
            kind="table",
            width=6,
        ),
    ),
)

BELIEF = Row(
    "What the platforms say",
    (
        Panel(
            "Claimed against credited",
            "Purchases that the platform claims (its default window) over those that its channels are credited with by "
            "the day of the touch. Above 1 it claims more than can be seen.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, platform || ' (' || model || ') ' || currency AS metric,
                      sum(claimed_purchases) / nullif(sum(purchases), 0) AS ratio
                    FROM {CLAIMED}
                    WHERE {BY_MODEL} AND basis = 'touch' AND attribution_window = 'default' AND {DAYS}
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
            width=12,
        ),
        Panel(
            "Purchases that two may claim",
            "Purchases with paid touches of two or more platforms in their path, by the day of the order: each "
            "platform may claim them whole.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, platform || ' ' || currency AS metric,
                      sum(overlap) AS overlap
                    FROM (SELECT DISTINCT brand, platform, day, currency, eligible_overlap AS overlap FROM {CLAIMED}
                          WHERE {IN_CURRENCY} AND basis = 'conversion' AND {DAYS}) AS of_days
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """,
                    is_series=True,
                ),
            ),
            kind="bars",
            width=12,
        ),
        Panel(
            "Claimed return then and now",
            "The return that the platform claimed for each day when it first told of it, and what it claims now: how "
            "far young figures may be trusted.",
            "none",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME}, currency,
                      sum(purchase_value_micros) FILTER (WHERE is_first)::double precision
                        / nullif(sum(spend_micros) FILTER (WHERE is_first AND purchase_value_micros IS NOT NULL), 0)
                        AS first_told,
                      sum(purchase_value_micros) FILTER (WHERE believed_until IS NULL)::double precision
                        / nullif(sum(spend_micros) FILTER (WHERE believed_until IS NULL
                                                             AND purchase_value_micros IS NOT NULL), 0) AS now
                    FROM (SELECT *, believed_from = min(believed_from) OVER (
                                 PARTITION BY brand, platform, ad_account_id, level, entity_id, period, breakdown
                             ) AS is_first
                          FROM {BELIEFS} WHERE {IN_CURRENCY} AND level = 'ad' AND breakdown = '' AND {DAYS}) AS told
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """
                ),
            ),
            kind="table",
            width=12,
            units={"time": "dateTimeAsIso"},
        ),
        Panel(
            "Tagging by day",
            "Parts of what should lead somewhere and does not: clicks on links of campaigns of which nobody arrives, "
            "visits of unknown campaigns, purchases without a journey.",
            "percentunit",
            (
                Sql(
                    f"""
                    SELECT {DAY_AS_TIME},
                      sum(unlanded_clicks)::double precision / nullif(sum(link_clicks), 0) AS clicks,
                      sum(unknown_touches)::double precision / nullif(sum(named_touches), 0) AS visits,
                      sum(uncredited_purchases)::double precision / nullif(sum(purchases), 0) AS purchases
                    FROM {TAGGING}
                    WHERE {OF_BRAND} AND {DAYS}
                    GROUP BY day ORDER BY 1
                    """,
                    is_series=True,
                ),
            ),
            width=6,
        ),
        Panel(
            "Leading nowhere now",
            "How many of the newest seven days, as the alert counts them; it looks where there are fifty of a kind. Of "
            "all brands.",
            "short",
            (Prom(f"max by (brand, kind) ({metrics.TAGGING_BROKEN.name})", "{{brand}} {{kind}}"),),
            width=6,
        ),
    ),
)
